"""What happened to a backup, in words."""

from domain.backups import events
from domain.events import Event
from projections.history.restore_words import TABLES, by_check, called, host_name, saying


def backup_in_words(event: Event, name: str) -> str | None:
    """A sentence without a subject, such as `registered the backup 'weekly'`; None for others."""
    match event:
        case events.BackupRegistered():
            of = f" of {event.database_name}" if event.database_name else ""
            return f"registered {called('backup', event.name)}{of}"
        case events.BackupExpired():
            return f"recorded that {called('backup', name)} expired{saying(event.message)}"
        case events.BackupVerified():
            it = called("backup", name)
            return f"verified {it}: {event.result}{by_check(event.check)}"
        case events.BackupReinterpreted():
            return f"read {_row(event)} in another way; the host did not change it"
        case events.BackupCopyChangedInHost():
            return f"found the copy of {_row(event)} changed in {TABLES['consolidated']}"
        case events.BackupImported():
            return f"found {_row(event)} in {TABLES[event.origin]}"
        case events.BackupChangedInHost():
            return f"found {_row(event)} changed in {TABLES[event.origin]}"
        case events.BackupReturnedToHost():
            return f"found {_row(event)} again in {TABLES[event.origin]}"
        case events.BackupVanishedFromHost():
            return f"no longer found {called('backup', name)} in the host"
    return None


def _row(event: events.HostBackupRow) -> str:
    return called("backup", host_name(event.columns, event.sources))
