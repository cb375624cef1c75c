"""Which rows are in the legacy tables; the scope does not matter.

| origin             | restores                             | backups                      |
|--------------------|--------------------------------------|------------------------------|
| legacy row         | always                               | always                       |
| consolidated row   | never                                | never                        |
| recorded here      | those with restore_type = database   | those that restores may need |
"""

from domain.backups.backup import stands_in_legacy
from domain.backups.events import BackupRegistered, HostBackupRow
from domain.events import Event
from domain.restores.events import HostRow, RestoreRequested


def includes(scope: str, event: Event) -> bool:
    """Whether the row that begins with this event is in the table. Later events do not matter."""
    match event:
        case HostRow() | HostBackupRow():
            return event.origin == "legacy"
        case RestoreRequested():
            return event.restore_type == "database"
        case BackupRegistered():
            return stands_in_legacy(event.backup_type)
    return True
