"""`restores`: the consolidated table, for the terminal."""

from datetime import UTC, datetime
from typing import Any

from django.core.management.base import CommandParser
from rich.table import Table

from infrastructure.commands import Command as BaseCommand
from infrastructure.commands import Outcome
from projections.engine.catch_up import catch_up
from projections.engine.errors import UnknownMoment
from projections.system_backups.models import RestoreLog

SHOWN = ("id", "name", "status", "restore_type", "target_database", "started_at",
         "duration_seconds", "created_by_username")  # fmt: skip


class Command(BaseCommand):
    help = "List restores, newest last."

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--failed", action="store_true", help="only those that failed")
        parser.add_argument("--since", metavar="TIME", help="only those created at or after it")
        parser.add_argument("--limit", type=int, default=100, help="the last so many (100)")

    def run(self, options: dict[str, Any]) -> Outcome:
        catch_up(["system_backups.RestoreLog"])
        found = RestoreLog.objects.order_by("-created_at", "-id")
        if options["failed"]:
            found = found.filter(status="failed")
        if options["since"]:
            found = found.filter(created_at__gte=_time(options["since"]))
        rows = list(found[: options["limit"]].values())[::-1]
        table = Table(*(column.replace("_", " ") for column in SHOWN), box=None)
        for row in rows:
            table.add_row(*("" if row[column] is None else _cell(row[column]) for column in SHOWN))
        return Outcome({"restores": rows}, table)


def _time(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise UnknownMoment(text) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _cell(value: Any) -> str:
    return value.strftime("%Y-%m-%d %H:%M:%S") if isinstance(value, datetime) else str(value)
