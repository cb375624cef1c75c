"""The index of the log, built without the projectors: its host, amended streams, backup names.

It needs one pass over the few relevant kinds of event; streams are looked up by id.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from sys import intern
from typing import Any
from uuid import UUID

import msgspec

from domain.backups.events import BackupRegistered, BackupVanishedFromHost, HostBackupRow
from domain.consolidation.events import (
    ColumnsChosen,
    CopiesDeclared,
    CutOver,
    FingerprintAccepted,
    HostAdopted,
    Retired,
    RolledBack,
    SnapshotRestored,
    ZoneChosen,
)
from domain.consolidation.values import ColumnChoices
from domain.events import Event
from domain.restores.events import RestoreAmended, RestoreImported, RestoreRequested
from infrastructure.event_store.codec import CODEC
from projections.verification.actual.readers import SnapshotReader
from projections.verification.errors import NoHostAdopted
from projections.verification.expected.schema import TABLES, ExpectedTable, Origin
from projections.verification.expected.sources import BACKUPS_NAME, backups_names
from projections.verification.expected.versions import Versions
from projections.verification.sql import query

GENESIS = bytes(32)
PER_QUERY = 500
Entry = tuple[int, Event]
"""An event and its position."""

RESTORE_TOPICS = (
    "restore.Imported",
    "restore.ChangedInHost",
    "restore.ReturnedToHost",
    "restore.Reinterpreted",
)
BACKUP_TOPICS = (
    "backup.Imported",
    "backup.ChangedInHost",
    "backup.ReturnedToHost",
    "backup.Reinterpreted",
)
COPY_TOPICS = ("restore.CopyChangedInHost", "backup.CopyChangedInHost")

TOPICS = (
    HostAdopted.TOPIC,
    FingerprintAccepted.TOPIC,
    ColumnsChosen.TOPIC,
    ZoneChosen.TOPIC,
    CopiesDeclared.TOPIC,
    CutOver.TOPIC,
    RolledBack.TOPIC,
    SnapshotRestored.TOPIC,
    Retired.TOPIC,
    RestoreRequested.TOPIC,
    RestoreAmended.TOPIC,
    BackupRegistered.TOPIC,
    *COPY_TOPICS,
)


class _Place(msgspec.Struct):
    """An imported row's table and key; the rest of its event's state is skipped."""

    origin: str
    legacy_id: int | None
    consolidated_id: int


_place = msgspec.json.Decoder(_Place).decode


@dataclass
class RecordedRows:
    """The streams that this service recorded itself, by the id of their row."""

    ids: "array[int]" = field(default_factory=lambda: array("q"))
    streams: list[str] = field(default_factory=list)

    def add(self, row_id: int, stream: str) -> None:
        self.ids.append(row_id)
        self.streams.append(stream)

    def in_order(self) -> list[str]:
        """Streams by ascending row id: the order of recording, unless the offset has changed."""
        if any(a > b for a, b in zip(self.ids, self.ids[1:], strict=False)):
            order = sorted(range(len(self.ids)), key=self.ids.__getitem__)
            return [self.streams[n] for n in order]
        return self.streams


@dataclass
class Names:
    """The database names of a host table's backups, as the log knew them at each position."""

    history: dict[int, list[tuple[int, str]]] = field(default_factory=dict)
    some: bool = False
    """Whether any backup ever had a name."""

    def say(self, key: int, position: int, name: str) -> None:
        self.history.setdefault(key, []).append((position, intern(name)))
        self.some = self.some or name != ""

    def at(self, key: int, position: int) -> str:
        """The name that a row read at this position got; '' for an unknown backup."""
        known = self.history.get(key, [])
        before = bisect_left(known, (position, ""))
        return known[before - 1][1] if before else ""

    def settled(self, key: int, since: int) -> str | None:
        """The name, if it has been the same since this position; else None."""
        known = self.history.get(key)
        if known is None:
            return ""
        return known[0][1] if len(known) == 1 and known[0][0] < since else None


class LogIndex:
    """The index of the log; `names` are read only if the host makes them necessary."""

    def __init__(self, service: SnapshotReader, upto: int | None = None) -> None:
        """The log up to its end, or up to this position."""
        self.service = service
        head = service.rows("SELECT position, hash FROM event_store_head")
        self.position: int = head[0][0] if head else 0
        self.head = bytes(head[0][1]) if head else GENESIS
        if upto is not None and upto < self.position:
            self.position, self.head = upto, self.hash_at(upto) or GENESIS
        self.host_id: UUID | None = None
        self.id_offset = 0
        self.fingerprints: list[str] = []
        self.amended: set[str] = set()
        self.restores = RecordedRows()
        self.backups = RecordedRows()
        self.names: dict[Origin, Names] = {"legacy": Names(), "consolidated": Names()}
        self.first_restore = 0
        self.copies_changed: set[str] = set()
        """The streams of legacy rows of which a changed copy was recorded."""
        self.scope = "native"
        self.retired: Retired | None = None
        self.retired_at = 0
        self.choices: ColumnChoices | None = None
        """Which host column fills which target; None in a log of before there were choices."""
        self.zone: str | None = None
        self.same_rows: dict[int, int] = {}
        """The legacy ids of the restores that were declared to be copies, by their ids."""
        self.names_chosen: dict[Origin, int] = {"legacy": 0, "consolidated": 0}
        """Where other columns were last chosen for the backups' database names; 0: never."""
        self._names_known = False
        self.versions = Versions(service, self.position)
        self._read_again: set[str] | None = None
        for position, stream, topic, version, state in self.pages(TOPICS):
            if topic == RestoreAmended.TOPIC:
                self.amended.add(stream)
            elif topic in COPY_TOPICS:
                self.copies_changed.add(stream)
            else:
                self._learn(position, stream, CODEC.decode(topic, version, state))

    def as_of(self, position: int) -> "LogIndex":
        """The log up to an earlier position, at which it was bound to its host already.

        The choices of how to read the host are those of the whole log, since it is read now.
        """
        earlier = LogIndex(self.service, position)
        earlier.host_id, earlier.id_offset = self.host_id, self.id_offset
        earlier.choices, earlier.zone = self.choices, self.zone
        earlier.names_chosen = self.names_chosen
        return earlier

    @property
    def host(self) -> UUID:
        """The host's id; `NoHostAdopted` if the log has none."""
        if self.host_id is None:
            raise NoHostAdopted
        return self.host_id

    def hash_at(self, position: int) -> bytes | None:
        """The chain's hash at a position, as stored; None beyond the end."""
        if position == 0:
            return GENESIS
        rows = self.service.rows(
            "SELECT hash FROM event_store_event WHERE position = ?", (position,)
        )
        return bytes(rows[0][0]) if rows else None

    def hashes_at(self, positions: Sequence[int]) -> dict[int, bytes]:
        """The chain's hashes at several positions that exist."""
        marks = ", ".join("?" * len(positions))
        sql = f"SELECT position, hash FROM event_store_event WHERE position IN ({marks})"
        rows = self.service.rows(sql, tuple(positions)) if positions else []
        return {position: bytes(hash_) for position, hash_ in sorted(rows)}

    def streams(self, ids: Sequence[str]) -> dict[str, list[Entry]]:
        """The events of these streams, oldest first. Unknown streams are left out."""
        found: dict[str, list[Entry]] = {}
        for start in range(0, len(ids), PER_QUERY):
            some = ids[start : start + PER_QUERY]
            found.update(entries_of(self.service, some, self.position))
        return found

    def keys_of(self, table: ExpectedTable) -> Sequence[int]:
        """The keys of all rows that the host's table ever had, lowest first."""
        keys: array[int] = array("q")
        topics = RESTORE_TOPICS if table.subject == "restore" else BACKUP_TOPICS
        for *_, state in self.pages(topics[:1]):
            place = _place(state)
            if place.origin == table.origin:
                key = place.legacy_id if table.origin == "legacy" else place.consolidated_id
                keys.append(key or 0)
        return array("q", sorted(keys))

    def learn_backup_names(self) -> None:
        """Read the names of all imported backups over time. Needed only for derived names."""
        if self._names_known:
            return
        self._names_known = True
        first = self.service.rows(
            "SELECT min(position) FROM event_store_event WHERE topic = ?", (RestoreImported.TOPIC,)
        )
        self.first_restore = first[0][0] or 0
        streams: dict[str, tuple[Origin, int]] = {}
        topics = (*BACKUP_TOPICS, BackupVanishedFromHost.TOPIC)
        gone = list(self.pages((BackupVanishedFromHost.TOPIC,)))
        leaving = {stream for _, stream, *_ in gone}
        for position, stream, topic, version, state in self.pages(topics):
            event = CODEC.decode(topic, version, state)
            if isinstance(event, HostBackupRow):
                origin, host_key = _place_of(event)
                name = backups_names(event.columns, event.sources)
                self.names[origin].say(host_key, position, name)
                if stream in leaving:
                    streams[stream] = origin, host_key
            elif stream in streams:
                origin, host_key = streams[stream]
                self.names[origin].say(host_key, position, "")

    def read_again(self, stream: str) -> bool:
        """Whether, according to the log, a restore's row was read more than once."""
        if self._read_again is None:
            self._read_again = {found for _, found, *_ in self.pages(RESTORE_TOPICS[1:])}
        return stream in self._read_again

    def _note_choice(self, position: int, choices: ColumnChoices) -> None:
        for table in TABLES.values():
            if table.subject == "backup":
                before, now = (
                    (of or {}).get(table.label, {}).get(BACKUPS_NAME)
                    for of in (self.choices, choices)
                )
                names = (BACKUPS_NAME,) if before is None else before.sources
                if now is not None and (now.sources or ()) != names and (now.sources or before):
                    self.names_chosen[table.origin] = position
        self.choices = choices

    def _learn(self, position: int, stream: str, event: Event) -> None:
        match event:
            case HostAdopted():
                self.host_id = event.host_id
                self.id_offset = event.id_offset
                self.fingerprints.append(event.fingerprint)
            case FingerprintAccepted():
                self.fingerprints.append(event.fingerprint)
            case ColumnsChosen():
                self._note_choice(position, event.columns)
            case ZoneChosen():
                self.zone = event.zone
            case CopiesDeclared():
                for legacy, copy in event.pairs:
                    self.same_rows.pop(copy, None)
                    if event.same:
                        self.same_rows[copy] = legacy
            case CutOver():
                self.scope = "all"
            case RolledBack():
                self.scope = "native"
            case SnapshotRestored():
                self.scope = event.scope
            case Retired():
                self.retired, self.retired_at = event, position
            case RestoreRequested():
                self.restores.add(event.id_offset + position, stream)
            case BackupRegistered():
                self.backups.add(event.id_offset + position, stream)

    def pages(self, topics: Sequence[str]) -> Iterator[tuple[int, str, str, int, bytes]]:
        """Events of these kinds: position, stream, topic, schema version and stored state."""
        sql = query("landmarks").format(topics=", ".join("?" * len(topics)))
        after = 0
        while rows := self.service.rows(sql, (after, self.position, *topics)):
            for position, topic, version, stream, state in rows:
                yield position, _key(stream), topic, version, bytes(state)
            after = rows[-1][0]


def entries_of(
    service: SnapshotReader, streams: Sequence[str], upto: int
) -> dict[str, list[Entry]]:
    """The events of these streams up to a position; see `LogIndex.streams`."""
    found: dict[str, list[Entry]] = {}
    sql = query("streams").format(streams=", ".join("?" * len(streams)))
    for stream, position, topic, version, state in service.rows(sql, (*streams, upto)):
        event = CODEC.decode(topic, version, bytes(state))
        found.setdefault(_key(stream), []).append((position, event))
    return found


def _place_of(event: HostBackupRow) -> tuple[Origin, int]:
    """The host's table from which a backup was read, and its key there."""
    if event.origin == "legacy":
        return "legacy", event.legacy_id or 0
    return "consolidated", event.consolidated_id


def _key(stream: Any) -> str:
    """A stream id, as either database returns it, as 32 hexadecimal digits."""
    return stream.hex if isinstance(stream, UUID) else str(stream)
