"""`restores`: the consolidated table, for the terminal."""

import sys
from typing import Any

from django.core.management.base import CommandParser
from rich.console import Group
from rich.text import Text

from api.management.arguments import at_least
from api.management.base import Outcome, ServiceCommand
from api.management.fitted_table import terminal_width
from api.management.restore_filters import RestoreChoice, add_filters
from api.management.restore_list import none_found, restore_table, under_list
from api.management.shell_zone import shell_zone
from infrastructure.printable import printable
from projections.engine.catch_up import catch_up


class Command(ServiceCommand):
    help = "List restores, newest last."

    def arguments(self, parser: CommandParser) -> None:
        add_filters(parser)
        parser.add_argument(
            "--limit", type=at_least(0), default=100, metavar="N", help="the last N (default: 100)"
        )

    def run(self, options: dict[str, Any]) -> Outcome:
        choice = RestoreChoice(options, shell_zone())
        self.complain_of_stopped(catch_up([choice.model._meta.label]))
        limit = options["limit"]
        columns = [field.attname for field in choice.model._meta.concrete_fields]
        found = choice.rows.order_by(*choice.ordering, "-id")[: limit + 1].values(*columns)
        rows: list[Any] = list(found)
        more, rows = len(rows) > limit, rows[:limit][::-1]
        result: dict[str, Any] = {"restores": rows}
        notes = choice.notes(empty=not rows)
        if notes:
            result["notes"] = notes
        if options["json"]:
            return Outcome(result)
        parts = (
            [restore_table(rows, choice.zone, terminal_width(sys.stdout)), Text()] if rows else []
        )
        parts += [Text(printable(f"{note['value']}: {note['detail']}")) for note in notes]
        if rows or more:
            parts.append(under_list(choice, len(rows), more=more))
        else:
            parts.append(none_found(choice))
        return Outcome(result, Group(*parts))
