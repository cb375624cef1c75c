"""`describe`: one restore, for the terminal."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.core.management.base import CommandParser
from rich.console import Group

from api.management.base import Outcome, ServiceCommand
from api.management.presentation import LONGEST, excerpt, line
from api.management.restore_page import LAST_LINES, RestorePage
from api.management.shell_zone import shell_zone
from domain.events import Event
from domain.restores.events import RestoreRequested
from infrastructure.event_store.log import Log
from infrastructure.running.models import Heartbeat
from projections.database_management import models as legacy_tables
from projections.engine.catch_up import catch_up
from projections.history import lookup
from projections.history.change_history import changes_of
from projections.history.merged_changes import tables_of
from projections.history.restore_facts import RestoreFacts
from projections.services.interruption import silent_restores
from projections.system_backups.models import BackupLog, RestoreLog


class Command(ServiceCommand):
    help = "Show one restore: what became of it, who did what, and anything unusual."

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("restore", metavar="RESTORE", help="its UUID, or its row's id")
        parser.add_argument("--whole", action="store_true", help="show long texts in full")

    def run(self, options: dict[str, Any]) -> Outcome:
        self.complain_of_stopped(catch_up())
        whole: bool = options["whole"]
        restore = lookup.restore_id(options["restore"])
        events = lookup.events_of(restore, None if whole else LONGEST)
        row, cut = excerpt(RestoreLog.objects.filter(restore_id=restore), whole=whole)
        legacy, legacy_cut = excerpt(
            legacy_tables.RestoreLog.objects.filter(restore_id=restore), whole=whole
        )
        notes = [*lookup.also(options["restore"]), *lookup.absences(restore)]
        shown, shown_cut = (row, cut) if row else (legacy, legacy_cut)
        notes += [
            f"{column}: the first {LONGEST:,} of {size:,} characters are shown; --whole shows all."
            for column, size in shown_cut.items()
        ]
        backup = _backup(row, BackupLog, whole)
        result = {
            "restore": row,
            "truncated": cut,
            "legacy": legacy,
            "backup": backup,
            "notes": notes,
            "events": len(events),
        }
        if options["json"]:
            return Outcome(result)
        facts = RestoreFacts.of(_in_full(restore, events))
        told = backup if row else _backup(legacy, legacy_tables.BackupLog, whole)
        found = {"consolidated table": row, "legacy table": legacy}
        page = RestorePage(
            restore=restore,
            row=shown,
            ids={table: one["id"] for table, one in found.items() if one},
            backup=_told(shown, told, consolidated=row is not None),
            facts=facts,
            heartbeat=Heartbeat.objects.filter(restore_id=restore).first(),
            silent=restore in silent_restores(Log()),
            zone=shell_zone(),
            now=datetime.now(UTC),
            whole=whole,
        )
        steps = changes_of(events)
        names = {restore: shown["name"]} if shown and shown["name"] else {}
        tables = tables_of(steps)
        timeline = [line(one, page.zone, names, tables, whole=whole, on_page=True) for one in steps]
        output = facts.end.output if facts.end else ""
        cut_short = not whole and bool(shown_cut or output.count("\n") > LAST_LINES)
        parts: list[Any] = [page.text(), *(["", *notes] if notes else []), ""]
        parts += [*timeline, "", "Next:", *page.next_commands(cut=cut_short)]
        return Outcome(result, Group(*parts))


def _in_full(restore: UUID, events: list[Event]) -> list[Event]:
    """The events with the end of their output too, if they were recorded here and so are short."""
    return Log().stream(restore) if isinstance(events[0], RestoreRequested) else events


def _backup(row: Any, model: Any, whole: bool) -> Any:
    """The row, by column, of the backup that it was restored from; None if there is none."""
    if row is None or row["source_backup_id"] is None:
        return None
    backup, _ = excerpt(model.objects.filter(pk=row["source_backup_id"]), whole=whole)
    return backup


def _told(row: Any, backup: Any, *, consolidated: bool) -> str:
    if row is None or row["source_backup_id"] is None:
        return ""
    if backup is None:
        label = "system_backups" if consolidated else "database_management"
        return f"is not in {label}.BackupLog"
    parts = (backup[column] for column in ("name", "backup_type", "status", "database_name"))
    return ", ".join(str(part) for part in parts if part)
