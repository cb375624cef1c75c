"""What happens to the consolidation as a whole. Who did it, and why, is in the metadata."""

from typing import ClassVar
from uuid import UUID

from domain.consolidation.values import ColumnChoices, LegacyDigest, Mappings, Purpose, Tables
from domain.events import Event


class ConsolidationEvent(Event, frozen=True, kw_only=True):
    """Something that happened to the consolidation."""


class HostAdopted(ConsolidationEvent, frozen=True, kw_only=True):
    """The log was bound to one host.

    `host_id` is random and the root of every imported stream's id. `fingerprint` is how the
    host is known again, wherever its URL points. `id_offset` is what separates host ids from
    the ids given here: a legacy row stands in the consolidated table at `id_offset` + its id.
    """

    TOPIC: ClassVar[str] = "consolidation.HostAdopted"
    host_id: UUID
    fingerprint: str
    id_offset: int


class FingerprintAccepted(ConsolidationEvent, frozen=True, kw_only=True):
    """Somebody vouched that a host with another fingerprint is the same host."""

    TOPIC: ClassVar[str] = "consolidation.FingerprintAccepted"
    fingerprint: str


class ColumnsChosen(ConsolidationEvent, frozen=True, kw_only=True):
    """Which host column fills which target column, from here on; all of them, by the table's label.

    Rows that read differently by this choice each get an event of their own.
    """

    TOPIC: ClassVar[str] = "consolidation.ColumnsChosen"
    columns: ColumnChoices


class ZoneChosen(ConsolidationEvent, frozen=True, kw_only=True):
    """The time zone of the host's naive local times, from here on."""

    TOPIC: ClassVar[str] = "consolidation.ZoneChosen"
    zone: str


class Verified(ConsolidationEvent, frozen=True, kw_only=True):
    """The projections were compared with the host, and a certificate says what came of it.

    `certificate` is the SHA-256 of the certificate's file. It was made of the log up to
    `log_position`, whose chain hash there is `chain_head`. `mappings` are the versions of the
    mappings that made the projections; `tables` the projections, `host_tables` the host's tables
    by the recipe that is published for auditors; `quarantined` how many rows no table can hold.
    """

    TOPIC: ClassVar[str] = "consolidation.Verified"
    purpose: Purpose
    equal: bool
    certificate: str
    log_position: int
    chain_head: str
    mappings: Mappings
    tables: Tables
    host_tables: Tables
    quarantined: int


class CutOver(ConsolidationEvent, frozen=True, kw_only=True):
    """The consolidated tables hold the legacy rows too, from here on.

    `snapshot` is the SHA-256 of the file to which all four tables were saved before.
    """

    TOPIC: ClassVar[str] = "consolidation.CutOver"
    certificate: str
    snapshot: str
    mappings: Mappings
    accepted_quarantined: int


class RolledBack(ConsolidationEvent, frozen=True, kw_only=True):
    """The consolidated tables hold the legacy rows no longer.

    `unrepresentable` is how many things recorded here the legacy tables cannot represent.
    """

    TOPIC: ClassVar[str] = "consolidation.RolledBack"
    unrepresentable: int


class SnapshotRestored(ConsolidationEvent, frozen=True, kw_only=True):
    """The tables were put back from the file that a cut-over had saved, and then caught up."""

    TOPIC: ClassVar[str] = "consolidation.SnapshotRestored"
    snapshot: str
    scope: str


class Retired(ConsolidationEvent, frozen=True, kw_only=True):
    """The migration is over: the host's legacy tables are not imported any more.

    `legacy` is what they held, by name; verification holds the log's memory of them against it.
    """

    TOPIC: ClassVar[str] = "consolidation.Retired"
    certificate: str
    legacy: dict[str, LegacyDigest]


EVENTS: tuple[type[ConsolidationEvent], ...] = (
    HostAdopted,
    FingerprintAccepted,
    ColumnsChosen,
    ZoneChosen,
    Verified,
    CutOver,
    RolledBack,
    SnapshotRestored,
    Retired,
)
