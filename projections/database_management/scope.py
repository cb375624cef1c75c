"""Which rows stand in the legacy tables, whatever the scope.

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
    """Whether the row that this event brings in stands here. Later events find it, or do not."""
    match event:
        case HostRow() | HostBackupRow():
            return event.origin == "legacy"
        case RestoreRequested():
            return event.restore_type == "database"
        case BackupRegistered():
            return stands_in_legacy(event.backup_type)
    return True
