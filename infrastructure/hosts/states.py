"""A host row to the stored state of its event.

The bytes are those that the codec would write for `RestoreImported` and its kin; they are put
together here without building the event, since this runs once per row of the host.
"""

from collections.abc import Sequence
from hashlib import sha1, sha256
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from domain.values import Columns, Tagged, Value
from infrastructure.hosts.catalogue import Table
from infrastructure.hosts.clock import instant
from infrastructure.hosts.errors import KeyNotInteger
from infrastructure.hosts.tables import TIMES, HostTable

_encode = msgspec.json.Encoder().encode
_LEGACY_ASSUMED: Columns = {"restore_type": "database", "is_overwrite": False}


class _Backup(msgspec.Struct):
    """`BackupRef`, with the UUID as text."""

    backup_id: str
    legacy: int | None
    consolidated: int | None


class _BackupRow(msgspec.Struct):
    """`HostBackupRow`, its columns encoded already. The fields stand in the event's order."""

    origin: str
    legacy_id: int | None
    consolidated_id: int
    columns: msgspec.Raw
    derived: Columns
    assumed: Columns


class _RestoreRow(_BackupRow):
    """`HostRow`, likewise."""

    backup: _Backup | None
    username: str | None


class ReadRow(NamedTuple):
    """A row as it was read. `digest` is the SHA-256 of `columns`, which is JSON."""

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


class RowStates:
    """Makes the events' states for one table of a host."""

    def __init__(
        self, table: HostTable, found: Table, *, host_id: UUID, offset: int, zone: ZoneInfo | None
    ) -> None:
        self.table = table
        self.host_id = host_id
        self.offset = offset
        self.zone = zone
        self.names = found.names
        self._place = {name: place for place, name in enumerate(self.names)}
        self._key = self._place["id"]
        self._backup = self._place.get("source_backup_id")
        self._target = self._place.get("target_database")
        local = {column.name for column in found.columns if column.local}
        self._times = [self._place[name] for name in TIMES if name in local]
        self._legacy = table.origin == "legacy"
        self._name = host_id.bytes + f"{table.name}:".encode()
        self._prefix = host_id.bytes + f"{table.backups}:".encode()

    def read(self, values: list[Value]) -> ReadRow:
        """The row's key, columns and digest; what makes it differ from another state of it."""
        key = values[self._key]
        if type(key) is not int:
            raise KeyNotInteger(self.table.name, key)
        columns = _encode(dict(zip(self.names, values, strict=False)))
        return ReadRow(key, columns, sha256(columns).digest(), values)

    def stream(self, row: ReadRow) -> UUID:
        return UUID(bytes=self.stream_bytes(row))

    def stream_bytes(self, row: ReadRow) -> bytes:
        """The 16 bytes of its stream's UUID."""
        return _uuid5(self._name + b"%d" % row.key)

    def state(self, row: ReadRow) -> bytes:
        """The state of the event that says that this row is in the host."""
        key, values = row.key, row.values
        derived: Columns = {}
        assumed: Columns = {}
        if self.zone is not None:
            self._add_instants(values, derived, assumed)
        legacy_id, consolidated_id = self._ids(key)
        place = (self.table.origin, legacy_id, consolidated_id, msgspec.Raw(row.columns))
        if self.table.holds_backups:
            return _encode(_BackupRow(*place, derived, assumed))
        if self._legacy:
            assumed |= _LEGACY_ASSUMED
        if self._target is None or values[self._target] is None:
            derived["target_database"] = self._database_of(values)
        return _encode(
            _RestoreRow(*place, derived, assumed, self._backup_of(values), _text(values[-1]))
        )

    def _ids(self, key: int) -> tuple[int | None, int]:
        return (key, self.offset + key) if self._legacy else (None, key)

    def _database_of(self, values: Sequence[Value]) -> str:
        """The name that its backup has for the database; empty where either is of another type."""
        key, name = None if self._backup is None else values[self._backup], values[-2]
        return name if type(key) is int and isinstance(name, str) else ""

    def _backup_of(self, values: Sequence[Value]) -> _Backup | None:
        key = None if self._backup is None else values[self._backup]
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
        for place in self._times:
            value: Any = values[place]
            if type(value) is Tagged and value.kind == "time":
                when = instant(value.v, self.zone)
                if when is not None:
                    (derived if when.certain else assumed)[self.names[place]] = when.time


def _text(value: Value) -> str | None:
    """A looked-up name as text, whatever its column holds."""
    if value is None or type(value) is str:
        return value
    return value.v if isinstance(value, Tagged) else str(value)
