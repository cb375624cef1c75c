"""The topics of the events of host rows, by the kind of table."""

from dataclasses import dataclass

from domain.backups.events import (
    BackupChangedInHost,
    BackupImported,
    BackupReinterpreted,
    BackupReturnedToHost,
    BackupVanishedFromHost,
)
from domain.catalogue import CATALOGUE
from domain.restores.events import (
    RestoreChangedInHost,
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
    vanished: str

    @property
    def rows(self) -> frozenset[str]:
        """The topics whose states hold a row."""
        return frozenset({self.imported, self.changed, self.returned, self.reinterpreted})


RESTORES = Topics(
    RestoreImported.TOPIC,
    RestoreChangedInHost.TOPIC,
    RestoreReturnedToHost.TOPIC,
    RestoreReinterpreted.TOPIC,
    RestoreVanishedFromHost.TOPIC,
)
BACKUPS = Topics(
    BackupImported.TOPIC,
    BackupChangedInHost.TOPIC,
    BackupReturnedToHost.TOPIC,
    BackupReinterpreted.TOPIC,
    BackupVanishedFromHost.TOPIC,
)
ROWS = RESTORES.rows | BACKUPS.rows
VANISHED = frozenset({RESTORES.vanished, BACKUPS.vanished})
ALL = ROWS | VANISHED


SCHEMA_VERSIONS = {topic: CATALOGUE.by_topic[topic].SCHEMA_VERSION for topic in ALL}
"""The current one of each topic."""


def topics_of(table: HostTable) -> Topics:
    return BACKUPS if table.holds_backups else RESTORES
