"""What can be recorded of a host row, by the kind of its table."""

from dataclasses import dataclass

from domain.backups.events import (
    BackupChangedInHost,
    BackupImported,
    BackupReturnedToHost,
    BackupVanishedFromHost,
)
from domain.restores.events import (
    RestoreChangedInHost,
    RestoreImported,
    RestoreReturnedToHost,
    RestoreVanishedFromHost,
)
from infrastructure.hosts.tables import HostTable


@dataclass(frozen=True)
class Topics:
    """The topics for rows of a kind."""

    imported: str
    changed: str
    returned: str
    vanished: str

    @property
    def rows(self) -> frozenset[str]:
        """The topics whose states hold a row."""
        return frozenset({self.imported, self.changed, self.returned})


RESTORES = Topics(
    RestoreImported.TOPIC,
    RestoreChangedInHost.TOPIC,
    RestoreReturnedToHost.TOPIC,
    RestoreVanishedFromHost.TOPIC,
)
BACKUPS = Topics(
    BackupImported.TOPIC,
    BackupChangedInHost.TOPIC,
    BackupReturnedToHost.TOPIC,
    BackupVanishedFromHost.TOPIC,
)
ROWS = RESTORES.rows | BACKUPS.rows
VANISHED = frozenset({RESTORES.vanished, BACKUPS.vanished})
ALL = ROWS | VANISHED


def topics_of(table: HostTable) -> Topics:
    return BACKUPS if table.holds_backups else RESTORES
