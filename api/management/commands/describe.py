"""`describe`: one restore, for the terminal."""

from collections.abc import Iterator
from typing import Any

from django.core.management.base import CommandParser
from rich.console import Group

from api.management.base import Outcome, ServiceCommand
from api.management.presentation import LONGEST, excerpt, in_columns, line
from projections.engine.catch_up import catch_up
from projections.engine.models import GenerationState, WithheldRow
from projections.history import lookup
from projections.history.change_history import changes_of
from projections.system_backups.models import BackupLog, RestoreLog


class Command(ServiceCommand):
    help = "Show one restore: its row, who did what, and anything unusual."

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("restore", metavar="RESTORE", help="its UUID, or its row's id")
        parser.add_argument("--whole", action="store_true", help="show long texts in full")

    def run(self, options: dict[str, Any]) -> Outcome:
        catch_up()
        whole: bool = options["whole"]
        restore = lookup.restore_id(options["restore"])
        events = lookup.events_of(restore, None if whole else LONGEST)
        row, cut = excerpt(RestoreLog.objects.filter(restore_id=restore), whole=whole)
        notes = [*lookup.also(options["restore"]), *_notes(restore)]
        notes += [
            f"{column}: the first {LONGEST:,} of {size:,} characters are shown; --whole shows all."
            for column, size in cut.items()
        ]
        shown = row or {"restore_id": restore}
        backup = _backup(row, whole)
        cells = [cell for column, value in shown.items() for cell in _cells(column, value)]
        if row and row["source_backup_id"] is not None:
            cells += _cells("backup", _told(backup))
        table = in_columns(("column", "value"), cells)
        steps = changes_of(events)
        parts: list[Any] = [table, *notes, "", *(line(step, whole=whole) for step in steps)]
        result = {
            "restore": row,
            "truncated": cut,
            "backup": backup,
            "notes": notes,
            "events": len(events),
        }
        return Outcome(result, Group(*parts))


def _cells(column: str, value: Any) -> Iterator[list[str]]:
    """One output line for each line of a message; only the first has the column's name."""
    text = "-" if value is None else str(value)
    lines = text.replace("\r\n", "\n").removesuffix("\n").split("\n")
    first, *others = lines if column == "message" else [text]
    yield [column, first]
    for text in others:
        yield ["", text]


def _backup(row: Any, whole: bool) -> Any:
    """The row, by column, of the backup that it was restored from; None if there is none."""
    if row is None or row["source_backup_id"] is None:
        return None
    backup, _ = excerpt(BackupLog.objects.filter(pk=row["source_backup_id"]), whole=whole)
    return backup


def _told(backup: Any) -> str:
    if backup is None:
        return "is not in system_backups.BackupLog"
    parts = (backup[column] for column in ("name", "backup_type", "status", "database_name"))
    return ", ".join(str(part) for part in parts if part)


def _notes(restore: Any) -> list[str]:
    """The reasons why the row is missing in a table."""
    withheld = WithheldRow.objects.filter(
        stream_id=restore, generation__state=GenerationState.LIVE
    ).select_related("generation")
    return [
        f"Not in {one.generation.label}: {one.cause}"
        + (f", {one.column}: {one.reason}" if one.column else "")
        for one in withheld
    ]
