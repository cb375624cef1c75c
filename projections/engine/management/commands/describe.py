"""`describe`: one restore, for the terminal."""

from typing import Any

from django.core.management.base import CommandParser
from rich.console import Group

from infrastructure.commands import Command as BaseCommand
from infrastructure.commands import Outcome
from projections.engine import lookup
from projections.engine.catch_up import catch_up
from projections.engine.models import State, WithheldRow
from projections.engine.telling import in_columns, line
from projections.engine.trail import changes_of
from projections.system_backups.models import RestoreLog


class Command(BaseCommand):
    help = "Show one restore: what its row says, who did what, and what was odd."

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("restore", metavar="RESTORE", help="its UUID, or its row's id")

    def run(self, options: dict[str, Any]) -> Outcome:
        catch_up()
        restore = lookup.restore_id(options["restore"])
        events = lookup.history(restore)
        row = RestoreLog.objects.filter(restore_id=restore).values().first()
        notes = _notes(restore)
        shown = row or {"restore_id": restore}
        table = in_columns(
            ("column", "value"),
            [[column, "-" if value is None else str(value)] for column, value in shown.items()],
        )
        steps = changes_of(events)
        parts: list[Any] = [table, *notes, "", *(line(step) for step in steps)]
        result = {"restore": row, "notes": notes, "events": len(events)}
        return Outcome(result, Group(*parts))


def _notes(restore: Any) -> list[str]:
    """Why the row is not in a table, where it is not."""
    withheld = WithheldRow.objects.filter(
        stream_id=restore, generation__state=State.LIVE
    ).select_related("generation")
    return [
        f"Not in {one.generation.label}: {one.cause}"
        + (f", {one.column}: {one.reason}" if one.column else "")
        for one in withheld
    ]
