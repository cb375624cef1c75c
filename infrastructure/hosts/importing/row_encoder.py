"""The encoder from a host row to the stored state of its event.

The bytes are those that the codec would write for `RestoreImported` and similar events. They are
built here without the event itself, since this runs once per row of the host.
"""

from collections.abc import Sequence
from hashlib import sha1
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from domain.consolidation.values import ColumnChoices
from domain.values import Columns, Sources, Tagged, Value
from infrastructure.hosts.columns import derived_sources_of, recorded_sources
from infrastructure.hosts.errors import KeyNotInteger
from infrastructure.hosts.importing.row_digests import host_part, reading_part
from infrastructure.hosts.local_times import local_to_instant
from infrastructure.hosts.moved_rows import Filled
from infrastructure.hosts.schema import TableSchema
from infrastructure.hosts.tables import CONSOLIDATED_RESTORES, TIMES, HostTable

_encode = msgspec.json.Encoder().encode
TARGET = "target_database"
ASSUMED: Columns = {"restore_type": "database", "is_overwrite": False}
"""The values assumed for a legacy row if the host has no column. Source: the plan."""


class _Backup(msgspec.Struct):
    """`BackupRef`, with the UUID as text."""

    backup_id: str
    legacy: int | None
    consolidated: int | None


class _BackupRow(msgspec.Struct):
    """`HostBackupRow` with encoded columns. The fields are in the event's order."""

    origin: str
    legacy_id: int | None
    consolidated_id: int
    columns: msgspec.Raw
    derived: Columns
    assumed: Columns
    sources: Sources


class _RestoreRow(_BackupRow):
    """`HostRow`, likewise."""

    backup: _Backup | None
    username: str | None


class ReadRow(NamedTuple):
    """A row as it was read. `columns` is JSON; for `digest` see `row_digests`."""

    key: int
    columns: bytes
    digest: bytes
    values: Sequence[Value]


def stream_id(host_id: UUID, table: str, key: int) -> UUID:
    """The stream of a host row: `uuid5(host_id, "table:key")`."""
    return UUID(bytes=_uuid5(host_id.bytes + f"{table}:{key}".encode()))


def _uuid5(name: bytes) -> bytes:
    """The bytes of the UUID of a name that begins with its namespace (RFC 9562, version 5)."""
    made = bytearray(sha1(name).digest()[:16])
    made[6] = made[6] & 0x0F | 0x50
    made[8] = made[8] & 0x3F | 0x80
    return bytes(made)


class RowEncoder:
    """Encodes the events' states for one table of a host."""

    def __init__(
        self,
        table: HostTable,
        found: TableSchema,
        *,
        host_id: UUID,
        offset: int,
        zone: ZoneInfo | None,
        choices: ColumnChoices,
        filled: Filled | None = None,
    ) -> None:
        """`filled` has, by key, the target databases that a migration of the host wrote into the
        rows of this table, and what was there; None if there was none."""
        self.table = table
        self.host_id = host_id
        self.offset = offset
        self.zone = zone
        self.names = found.names
        self.sources = recorded_sources(table, choices)
        self.derived_sources = (
            self.sources if table.holds_backups else derived_sources_of(table, choices)
        )
        places = {name: place for place, name in enumerate(self.names)}
        own = choices[table.label]
        fills = {target: [places[name] for name in own[target].sources] for target in own}
        self._key = places["id"]
        self._backup = fills.get("source_backup_id", [])
        self._target = fills.get("target_database", [])
        self._refilled: tuple[int, Filled, bool] | None = None
        if filled is not None and TARGET in places and table == CONSOLIDATED_RESTORES:
            self._refilled = places[TARGET], filled, not self._target
            self._target = self._target or [places[TARGET]]
        self._local = {places[column.name] for column in found.columns if column.local}
        self._times = [
            (name, fills[name]) for name in TIMES if not self._local.isdisjoint(fills.get(name, ()))
        ]
        self._legacy = table.origin == "legacy"
        self._assumed: Columns = {
            target: value
            for target, value in ASSUMED.items()
            if self._legacy and target in own and not own[target].sources
        }
        self._name = host_id.bytes + f"{table.name}:".encode()
        self._prefix = host_id.bytes + f"{table.backups}:".encode()
        self._plain_readings = {
            False: reading_part(self.sources, {}, self._assumed),
            True: reading_part(self.derived_sources, {"target_database": None}, self._assumed),
        }

    def read(self, values: list[Value]) -> ReadRow:
        """The row's key, columns and digest, which tells its states apart."""
        key = values[self._key]
        if type(key) is not int:
            raise KeyNotInteger(self.table.name, key)
        columns = _encode(self._as_before(key, values))
        username = None if self.table.holds_backups else _text(values[-1])
        return ReadRow(key, columns, host_part(columns, username) + self._reading(values), values)

    def _as_before(self, key: int, values: list[Value]) -> Columns:
        """The row without what a migration of the host added: a target database that this service
        had derived, and an empty one in a column that is new."""
        row: Columns = dict(zip(self.names, values, strict=False))
        if self._refilled is not None:
            place, filled, added = self._refilled
            written, was = filled.get(key, ("", ""))
            if values[place] == written:
                values[place] = row[TARGET] = None if added else was
                if added:
                    del row[TARGET]
        return row

    def username(self, row: ReadRow) -> str | None:
        """The name of the row's user."""
        return None if self.table.holds_backups else _text(row.values[-1])

    def database(self, row: ReadRow) -> str:
        """The database name of a restore's backup; empty if there is none."""
        return "" if self.table.holds_backups else self._database_of(row.values)

    def stream(self, row: ReadRow) -> UUID:
        return UUID(bytes=self.stream_bytes(row))

    def stream_bytes(self, row: ReadRow) -> bytes:
        """The 16 bytes of its stream's UUID."""
        return _uuid5(self._name + b"%d" % row.key)

    def state(self, row: ReadRow, derived_before: str = "") -> bytes:
        """The state of the event that contains this row.

        `derived_before` is the target database that was derived earlier. It is kept if there is no
        longer a name to derive one from.
        """
        values = row.values
        derived, assumed = self._computed(values)
        sources = self.sources
        if self._derives(values):
            derived["target_database"] = self._database_of(values) or derived_before
            sources = self.derived_sources
        legacy_id, consolidated_id = self._ids(row.key)
        place = (self.table.origin, legacy_id, consolidated_id, msgspec.Raw(row.columns))
        if self.table.holds_backups:
            return _encode(_BackupRow(*place, derived, assumed, self.sources))
        return _encode(
            _RestoreRow(
                *place,
                derived,
                assumed,
                sources,
                self._backup_of(values),
                _text(values[-1]),
            )
        )

    def names_no_database(self, row: ReadRow) -> bool:
        """Whether a target database has to be derived, and there is no name to derive it from."""
        return self._derives(row.values) and not self._database_of(row.values)

    def _derives(self, values: Sequence[Value]) -> bool:
        """Whether the target database is derived: if empty, it was not specified (see the plan)."""
        if self.table.holds_backups:
            return False
        return _first(values, self._target) in (None, "")

    def _reading(self, values: Sequence[Value]) -> bytes:
        derives = self._derives(values)
        if self.zone is None:
            return self._plain_readings[derives]
        derived, assumed = self._computed(values)
        if not derives:
            return reading_part(self.sources, derived, assumed)
        derived["target_database"] = None
        return reading_part(self.derived_sources, derived, assumed)

    def _computed(self, values: Sequence[Value]) -> tuple[Columns, Columns]:
        """The values derived from the row alone, and those assumed for it."""
        derived: Columns = {}
        assumed: Columns = dict(self._assumed)
        if self.zone is not None:
            self._add_instants(values, derived, assumed)
        return derived, assumed

    def _ids(self, key: int) -> tuple[int | None, int]:
        return (key, self.offset + key) if self._legacy else (None, key)

    def _database_of(self, values: Sequence[Value]) -> str:
        """The database name of its backup; empty if the key or the name has the wrong type."""
        key, name = _first(values, self._backup), values[-2]
        return name if type(key) is int and isinstance(name, str) else ""

    def _backup_of(self, values: Sequence[Value]) -> _Backup | None:
        key = _first(values, self._backup)
        if type(key) is not int:
            return None
        digits = sha1(self._prefix + b"%d" % key).hexdigest()
        variant = "89ab"[int(digits[16], 16) & 3]
        return _Backup(
            f"{digits[:8]}-{digits[8:12]}-5{digits[13:16]}-{variant}{digits[17:20]}-"
            f"{digits[20:32]}",
            *self._ids(key),
        )

    def _add_instants(self, values: Sequence[Value], derived: Columns, assumed: Columns) -> None:
        assert self.zone is not None
        for target, places in self._times:
            place = next((place for place in places if values[place] is not None), None)
            if place not in self._local:
                continue
            value: Any = values[place]
            if type(value) is Tagged and value.kind == "time":
                when = local_to_instant(value.v, self.zone)
                if when is not None:
                    (derived if when.certain else assumed)[target] = when.time


def _first(values: Sequence[Value], places: Sequence[int]) -> Value:
    """The first of these that is not null."""
    for place in places:
        if values[place] is not None:
            return values[place]
    return None


def _text(value: Value) -> str | None:
    """A looked-up name as text, whatever its column holds."""
    if value is None or type(value) is str:
        return value
    return value.v if isinstance(value, Tagged) else str(value)
