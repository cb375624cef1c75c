"""The topics of the events of host rows, by the kind of table."""

from dataclasses import dataclass

from domain.backups.events import (
    BackupChangedInHost,
    BackupCopyChangedInHost,
    BackupImported,
    BackupReinterpreted,
    BackupReturnedToHost,
    BackupVanishedFromHost,
)
from domain.catalogue import CATALOGUE
from domain.restores.events import (
    RestoreChangedInHost,
    RestoreCopyChangedInHost,
    RestoreImported,
    RestoreReinterpreted,
    RestoreReturnedToHost,
    RestoreVanishedFromHost,
)
from infrastructure.hosts.tables import HostTable


@dataclass(frozen=True)
class Topics:
    """The topics for the rows of one kind of table."""

    imported: str
    changed: str
    returned: str
    reinterpreted: str
    copy_changed: str
    vanished: str

    @property
    def rows(self) -> frozenset[str]:
        """The topics whose states hold a row as the table itself said it."""
        return frozenset({self.imported, self.changed, self.returned, self.reinterpreted})


RESTORES = Topics(
    RestoreImported.TOPIC,
    RestoreChangedInHost.TOPIC,
    RestoreReturnedToHost.TOPIC,
    RestoreReinterpreted.TOPIC,
    RestoreCopyChangedInHost.TOPIC,
    RestoreVanishedFromHost.TOPIC,
)
BACKUPS = Topics(
    BackupImported.TOPIC,
    BackupChangedInHost.TOPIC,
    BackupReturnedToHost.TOPIC,
    BackupReinterpreted.TOPIC,
    BackupCopyChangedInHost.TOPIC,
    BackupVanishedFromHost.TOPIC,
)
ROWS = RESTORES.rows | BACKUPS.rows
VANISHED = frozenset({RESTORES.vanished, BACKUPS.vanished})
COPIES = frozenset({RESTORES.copy_changed, BACKUPS.copy_changed})
ALL = ROWS | VANISHED
"""The topics that the index of imported rows knows; it has no entries for copies."""
FROM_HOST = ALL | COPIES


SCHEMA_VERSIONS = {topic: CATALOGUE.by_topic[topic].SCHEMA_VERSION for topic in FROM_HOST}
"""The current one of each topic."""


def topics_of(table: HostTable) -> Topics:
    return BACKUPS if table.holds_backups else RESTORES
