"""Generations on SQLite: a prefix for the building and the frozen tables.

Index names are unique per file and cannot be changed, so only the live table has indexes. The
switch creates the most important ones, and the others are created after it, one by one, because
writers wait meanwhile. The unique key is part of the table itself and moves with it.
"""

import fcntl
import platform
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
from django.db import models, transaction

from infrastructure.databases.own_settings import CACHE
from projections.engine.dialects.base import (
    ALL,
    Ids,
    TableDialect,
    TableLocation,
    VersionEnd,
    row_written,
    table_location,
)
from projections.engine.dialects.sqlite_search import (
    TrigramIndex,
    let_go_of_search,
    search_states,
)
from projections.engine.errors import RebuildRunning
from projections.engine.models import GenerationState
from projections.engine.searched_texts import SearchedTexts

BUILDING, FROZEN = "engine_building_", "engine_frozen_"
KEYS_AT_A_TIME = 500
BOOT = Path("/proc/sys/kernel/random/boot_id")
"""Where Linux names a machine since its start; two machines may share a name."""
AT_ONCE = 2
"""How many of a table's indexes the switch makes: those of the default list and of the status."""


def _stored_times(values: Sequence[datetime | None]) -> list[str | None]:
    # As Django stores times: UTC, without an offset, whole seconds without a fraction.
    # JSON's form differs only by a T and a Z, and a whole column is encoded in one call.
    return _read_texts(WRITE(values).replace(b"T", b" ").replace(b'Z"', b'"'))


def _stored_texts(values: Sequence[UUID | date | None]) -> list[str | None]:
    return _read_texts(WRITE(values))


WRITE = msgspec.json.Encoder(uuid_format="hex").encode
_read_texts = msgspec.json.Decoder(list[str | None]).decode


def _read_time(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value).replace(tzinfo=UTC)


def _read_date(value: str | None) -> date | None:
    return None if value is None else date.fromisoformat(value)


def _read_uuid(value: str | None) -> UUID | None:
    return None if value is None else UUID(value)


def _read_boolean(value: int | None) -> bool | None:
    return None if value is None else bool(value)


STORED: dict[str, Callable[[Any], Any]] = {
    "time": _stored_times,
    "date": _stored_texts,
    "uuid": _stored_texts,
}
READ: dict[str, Callable[[Any], Any]] = {
    "time": _read_time,
    "date": _read_date,
    "uuid": _read_uuid,
    "boolean": _read_boolean,
}


WRITTEN = {
    "integer": "'i' || length({c}) || ':' || {c}",
    "boolean": "CASE {c} WHEN 1 THEN 'b1:1' WHEN 0 THEN 'b1:0' END",
    "text": "'t' || length(CAST({c} AS BLOB)) || ':' || {c}",
    "time": "'d26:' || replace({c}, ' ', 'T')"
    " || CASE length({c}) WHEN 19 THEN '.000000' ELSE '' END",
    "date": "'d10:' || {c}",
    "uuid": "'u36:' || substr({c}, 1, 8) || '-' || substr({c}, 9, 4) || '-' || substr({c}, 13, 4)"
    " || '-' || substr({c}, 17, 4) || '-' || substr({c}, 21)",
}
"""SQL that encodes a column as `projections.digest` does; NULL for NULL."""


class SQLiteTables(TableDialect):
    written = WRITTEN
    # Other writers wait while three chunks are written, about 100 ms. Each commit rewrites nearly
    # all pages of the key index, because keys are random. So fewer commits are faster.
    chunk = 5_000
    parts = 3

    def run(self, statement: str, parameters: Sequence[Any]) -> int:
        with self.connection.wrap_database_errors:
            done = self.connection.connection.execute(statement.replace("%s", "?"), parameters)
            return int(done.rowcount)

    def stored(self, kind: str, value: Any) -> Any:
        write = STORED.get(kind)
        return value if write is None or value is None else write((value,))[0]

    def place(self, model: type[models.Model], key: str, state: GenerationState) -> TableLocation:
        prefix = {GenerationState.BUILDING: BUILDING, GenerationState.FROZEN: FROZEN}.get(state, "")
        return table_location(model, f'"{prefix}{model._meta.db_table}"', key)

    @contextmanager
    def unhurried(self) -> Iterator[None]:
        # NORMAL cannot corrupt the file but may lose the last commits; FULL is restored afterwards.
        meanwhile = {"synchronous": "NORMAL", "wal_autocheckpoint": 20000, "cache_size": -CACHE}
        before = {name: self._pragma(name) for name in meanwhile}
        for name, value in meanwhile.items():
            self._pragma(f"{name} = {value}")
        try:
            yield
        finally:
            for name, value in before.items():
                self._pragma(f"{name} = {value}")

    def unhurried_commit(self) -> None:
        """Does nothing: SQLite's setting is per connection, see `unhurried`."""

    def load(self, place: TableLocation, keys: Sequence[UUID]) -> Iterator[tuple[Any, ...]]:
        for start in range(0, len(keys), KEYS_AT_A_TIME):
            part = [key.hex for key in keys[start : start + KEYS_AT_A_TIME]]
            marks = ", ".join(["?"] * len(part))
            found = self._driver().execute(
                f'SELECT {_selected(place)} FROM {place.table} WHERE "{place.key}" IN ({marks})',
                part,
            )
            yield from _read(place, found)

    def load_numbered(
        self, place: TableLocation, columns: tuple[str, str], pairs: Sequence[tuple[UUID, int]]
    ) -> Iterator[tuple[Any, ...]]:
        statement = (
            f"SELECT {_selected(place)} FROM {place.table} "
            f'WHERE "{columns[0]}" = ? AND "{columns[1]}" = ?'
        )
        # There is no round trip, so a prepared statement for each row costs less than a join.
        driver = self._driver()
        for key, number in pairs:
            yield from _read(place, driver.execute(statement, (key.hex, number)))

    def end_versions(self, place: TableLocation, ended: Sequence[VersionEnd]) -> None:
        with self.connection.wrap_database_errors:
            self._driver().executemany(
                f'UPDATE {place.table} SET "valid_to" = ?, "cell" = ? WHERE "valid_from" = ?',
                [(one.valid_to, one.cell, one.valid_from) for one in ended],
            )

    def remove(self, place: TableLocation, keys: Sequence[UUID]) -> None:
        with self.connection.wrap_database_errors:
            self._driver().executemany(
                f'DELETE FROM {place.table} WHERE "{place.key}" = ?', [(key.hex,) for key in keys]
            )

    def packed(self, place: TableLocation, rows: Sequence[tuple[Any, ...]]) -> list[Sequence[Any]]:
        return [
            STORED[kind](values) if kind in STORED else values
            for kind, values in zip(place.kinds, zip(*rows, strict=True), strict=True)
        ]

    def insert(self, place: TableLocation, packed: list[Sequence[Any]]) -> None:
        marks = ", ".join(["?"] * len(place.columns))
        with self.connection.wrap_database_errors:
            self._driver().executemany(
                f"INSERT INTO {place.table} ({place.column_list}) VALUES ({marks})",
                zip(*packed, strict=True),
            )

    def replace(self, place: TableLocation, rows: Sequence[tuple[Any, ...]]) -> None:
        changes = place.assignments.replace("%s", "?")
        with self.connection.wrap_database_errors:
            self._driver().executemany(
                f'UPDATE {place.table} SET {changes} WHERE "{place.key}" = ?',
                [
                    (*row, row[place.key_index])
                    for row in zip(*self.packed(place, rows), strict=True)
                ],
            )

    def row_hashes(self, place: TableLocation, ids: Ids = ALL) -> Iterator[bytes]:
        row = row_written(place, self.written)
        with self.connection.wrap_database_errors:
            found = self._driver().execute(
                f"SELECT {row} FROM {place.table} {ids.where(place.id)} ORDER BY {place.id}"
            )
            while rows := found.fetchmany(5_000):
                yield b"".join([sha256(text.encode()).digest() for (text,) in rows])

    @contextmanager
    def only_one_rebuild(self) -> Iterator[None]:
        name = str(self.connection.settings_dict["NAME"])
        if ":memory:" in name or "mode=memory" in name:
            yield
            return
        # The system releases the lock when the process ends, even if it is killed.
        with Path(f"{name}-rebuild").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise RebuildRunning from error
            yield

    def clear_building(self) -> None:
        for table in self._tables(BUILDING):
            self.execute(f'DROP TABLE "{table}"')

    def create(self, place: TableLocation) -> None:
        tables, _ = self.ddl(place.model)
        name = f'"{place.model._meta.db_table}"'
        self.execute(*(statement.replace(name, place.table, 1) for statement in tables))

    def finish(
        self, places: Sequence[TableLocation], wanted: Callable[[], bool] = lambda: True
    ) -> None:
        """Does nothing: the live tables still use the indexes' names."""

    def switch(self, models: Sequence[type[models.Model]], *, back: bool) -> None:
        # Else RENAME also rewrites the views that read the live table.
        self.execute("PRAGMA legacy_alter_table = ON")
        try:
            for model in models:
                self._switch(model, back=back)
        finally:
            self.execute("PRAGMA legacy_alter_table = OFF")

    def complete(self, models: Sequence[type[models.Model]]) -> None:
        for model in models:
            _, indexes = self.ddl(model)
            for statement in indexes:
                # A transaction for each, so that other writers wait only for one.
                with transaction.atomic(using=self.connection.alias):
                    if statement.split('"')[1] not in self._indexes(model._meta.db_table):
                        self.execute(statement)

    def build_search(self, model: type[models.Model], searched: SearchedTexts) -> int | None:
        return TrigramIndex(self.connection, model, searched).build()

    def search_states(self, tables: Sequence[str]) -> dict[str, tuple[bool, bool]]:
        return search_states(self.connection, tables)

    def database_identity(self) -> str:
        self.connection.ensure_connection()
        opened = self.connection.opened
        return "" if opened is None else f"{_machine()} {opened[0]} {opened[1]}"

    def exists(self, place: TableLocation) -> bool:
        return place.table.strip('"') in self._tables("")

    def _switch(self, model: type[models.Model], *, back: bool) -> None:
        table = model._meta.db_table
        frozen, building = f"{FROZEN}{table}", f"{BUILDING}{table}"
        live_is_there = table in self._tables(table)
        _, indexes = self.ddl(model)
        let_go_of_search(self.connection, table)
        if live_is_there:
            self._drop_indexes(table)
        if back:
            self.execute(f'ALTER TABLE "{frozen}" RENAME TO "{building}"')
        else:
            self.execute(f'DROP TABLE IF EXISTS "{frozen}"')
        if live_is_there:
            self.execute(f'ALTER TABLE "{table}" RENAME TO "{frozen}"')
        self.execute(f'ALTER TABLE "{building}" RENAME TO "{table}"', *indexes[:AT_ONCE])

    def _drop_indexes(self, table: str) -> None:
        for name in self._indexes(table):
            self.execute(f'DROP INDEX "{name}"')

    def _indexes(self, table: str) -> list[str]:
        """The indexes of a table, but for those of its keys."""
        with self.connection.cursor() as cursor:
            cursor.execute(
                "SELECT name FROM sqlite_master "
                "WHERE type = 'index' AND sql IS NOT NULL AND tbl_name = %s",
                [table],
            )
            return [row[0] for row in cursor.fetchall()]

    def _tables(self, prefix: str) -> list[str]:
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            return [row[0] for row in cursor.fetchall() if row[0].startswith(prefix)]

    def _pragma(self, text: str) -> Any:
        with self.connection.cursor() as cursor:
            cursor.execute(f"PRAGMA {text}")
            row = cursor.fetchone()
        return row[0] if row else None

    def _driver(self) -> Any:
        """The driver's own cursor: Django's inspects every statement and every value."""
        self.connection.ensure_connection()
        return sqlite3.Cursor(self.connection.connection)


def _machine() -> str:
    return BOOT.read_text().strip() if BOOT.exists() else platform.node()


def _selected(place: TableLocation) -> str:
    """The columns as expressions, so that the driver returns the values as they are stored.

    For a plain column it would convert them by the declared type.
    """
    casts = {"time": 'CAST("{}" AS TEXT)', "date": 'CAST("{}" AS TEXT)', "boolean": '+"{}"'}
    return ", ".join(
        casts.get(kind, '"{}"').format(column)
        for column, kind in zip(place.columns, place.kinds, strict=True)
    )


def _read(place: TableLocation, found: Any) -> Iterator[tuple[Any, ...]]:
    readers = [READ.get(kind) for kind in place.kinds]
    while rows := found.fetchmany(2_000):
        columns = [
            map(reader, values) if reader else values
            for reader, values in zip(readers, zip(*rows, strict=True), strict=True)
        ]
        yield from zip(*columns, strict=True)
