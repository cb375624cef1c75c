"""`restores`: the consolidated table, for the terminal."""

from datetime import datetime
from typing import Any

from django.core.management.base import CommandParser
from rich.console import Group
from rich.text import Text

from api.management.arguments import OptionsDoNotFit, at_least
from api.management.base import Outcome, ServiceCommand
from api.management.presentation import in_columns
from infrastructure.event_store.moments import NotAMoment, read_moment
from infrastructure.printable import printable
from projections.engine.catch_up import catch_up
from projections.history.errors import UnknownMoment
from projections.history.words import unheard
from projections.system_backups.models import RestoreLog

SHOWN = ("id", "name", "status", "restore_type", "target_database", "started_at",
         "duration_seconds", "created_by_username")  # fmt: skip


class Command(ServiceCommand):
    help = "List restores, newest last."

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--failed", action="store_true", help="only those that failed")
        parser.add_argument("--status", metavar="WORD", help="only those with this status")
        parser.add_argument("--since", metavar="TIME", help="only those created at or after it")
        parser.add_argument(
            "--limit", type=at_least(0), default=100, metavar="N", help="the last N (default: 100)"
        )

    def run(self, options: dict[str, Any]) -> Outcome:
        catch_up(["system_backups.RestoreLog"])
        found = RestoreLog.objects.order_by("-created_at", "-id")
        if options["failed"]:
            found = found.filter(status="failed")
        if options["status"] is not None:
            if options["failed"]:
                raise OptionsDoNotFit("--failed is --status failed: give one of them.")
            found = found.filter(status=options["status"])
        if options["since"]:
            found = found.filter(created_at__gte=_time(options["since"]))
        rows: list[Any] = list(found[: options["limit"]].values())[::-1]
        cells = [[_cell(row[column]) for column in SHOWN] for row in rows]
        result: dict[str, Any] = {"restores": rows}
        parts = [in_columns(SHOWN, cells)]
        if options["status"] and not rows:
            notes = result["notes"] = _notes("status", options["status"])
            parts += [Text(printable(f"{note['value']}: {note['detail']}")) for note in notes]
        return Outcome(result, Group(*parts))


def _notes(column: str, word: str) -> list[dict[str, Any]]:
    """A note if no row has, or ever had, this word, with the nearest word that a row has."""
    told = unheard(RestoreLog, column, word)
    if told is None:
        return []
    note = {"parameter": column, "value": word, "ever": told.ever}
    return [{**note, "nearest": told.nearest, "values": told.words, "detail": told.detail}]


def _time(text: str) -> datetime:
    try:
        return read_moment(text)
    except NotAMoment as error:
        raise UnknownMoment(text) from error


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    return value.strftime("%Y-%m-%d %H:%M:%S") if isinstance(value, datetime) else str(value)
