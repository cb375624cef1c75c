"""Events of the consolidation. The metadata says who did it, and why."""

from typing import ClassVar
from uuid import UUID

from domain.consolidation.values import ColumnChoices, LegacyDigest, Mappings, Purpose, Tables
from domain.events import Event


class ConsolidationEvent(Event, frozen=True, kw_only=True):
    """Something that happened to the consolidation."""


class HostAdopted(ConsolidationEvent, frozen=True, kw_only=True):
    """The log was bound to one host.

    `host_id` is random; the ids of all imported streams are computed from it. `fingerprint`
    identifies the host, whatever its URL. `id_offset` separates the host's ids from the ids given
    here: in the consolidated table, the id of a legacy row is `id_offset` + its own id.
    """

    TOPIC: ClassVar[str] = "consolidation.HostAdopted"
    host_id: UUID
    fingerprint: str
    id_offset: int


class FingerprintAccepted(ConsolidationEvent, frozen=True, kw_only=True):
    """Somebody confirmed that a host with another fingerprint is the same host."""

    TOPIC: ClassVar[str] = "consolidation.FingerprintAccepted"
    fingerprint: str


class ColumnsChosen(ConsolidationEvent, frozen=True, kw_only=True):
    """It was chosen which host column fills which target column from here on.

    `columns` has all choices, by the table's label. Each row that is read in another way because
    of the choice gets an event of its own.
    """

    TOPIC: ClassVar[str] = "consolidation.ColumnsChosen"
    columns: ColumnChoices


class ZoneChosen(ConsolidationEvent, frozen=True, kw_only=True):
    """The time zone of the host's naive local times was chosen, from here on."""

    TOPIC: ClassVar[str] = "consolidation.ZoneChosen"
    zone: str


class CopiesDeclared(ConsolidationEvent, frozen=True, kw_only=True):
    """Somebody said of rows in the host's consolidated table whether they copy legacy rows.

    `pairs` are the ids of the legacy rows, each with the id of the row that says the same. If they
    are the `same`, the second is no restore of its own. If not, it is one.
    """

    TOPIC: ClassVar[str] = "consolidation.CopiesDeclared"
    same: bool
    pairs: tuple[tuple[int, int], ...]


class Verified(ConsolidationEvent, frozen=True, kw_only=True):
    """The projections were compared with the host, and a certificate was issued.

    `certificate` is the SHA-256 of the certificate's file. It covers the log up to
    `log_position`, where the chain hash is `chain_head`. `mappings` are the versions of the
    mappings that built the projections. `tables` are the digests of the projections,
    `host_tables` those of the host's tables by the method that is published for auditors.
    `quarantined` is the number of rows that no table can hold.
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
    """The consolidated tables contain the legacy rows too, from here on.

    `snapshot` is the SHA-256 of the file to which all four tables were saved before.
    """

    TOPIC: ClassVar[str] = "consolidation.CutOver"
    certificate: str
    snapshot: str
    mappings: Mappings
    accepted_quarantined: int


class RolledBack(ConsolidationEvent, frozen=True, kw_only=True):
    """The consolidated tables no longer contain the legacy rows.

    `unrepresentable` is how many things recorded here the legacy tables cannot represent.
    """

    TOPIC: ClassVar[str] = "consolidation.RolledBack"
    unrepresentable: int


class SnapshotRestored(ConsolidationEvent, frozen=True, kw_only=True):
    """The tables were restored from the file that a cut-over had saved, and then caught up."""

    TOPIC: ClassVar[str] = "consolidation.SnapshotRestored"
    snapshot: str
    scope: str


class Retired(ConsolidationEvent, frozen=True, kw_only=True):
    """The migration is over: the host's legacy tables are no longer imported.

    `legacy` has their digests by name; verification compares the log's own digests with them.
    """

    TOPIC: ClassVar[str] = "consolidation.Retired"
    certificate: str
    legacy: dict[str, LegacyDigest]


EVENTS: tuple[type[ConsolidationEvent], ...] = (
    HostAdopted,
    FingerprintAccepted,
    ColumnsChosen,
    ZoneChosen,
    CopiesDeclared,
    Verified,
    CutOver,
    RolledBack,
    SnapshotRestored,
    Retired,
)
