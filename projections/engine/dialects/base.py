"""The base of the dialects: what the engine needs from a database, and what they share."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import cache, cached_property
from itertools import pairwise
from typing import Any, ClassVar, NamedTuple
from uuid import UUID

from django.db import models

from projections.engine.models import GenerationState
from projections.engine.searched_texts import SearchedTexts
from projections.engine.sql import sql

KINDS = {
    models.DateTimeField: "time",
    models.DateField: "date",
    models.UUIDField: "uuid",
    models.BooleanField: "boolean",
    models.CharField: "text",
    models.TextField: "text",
}


PIECE = 10_000
"""How many rows one process hashes at a time."""


class Ids(NamedTuple):
    """Part of a table: the ids after one, up to another; None means no bound.

    An id is the primary key: a whole number or, as the database writes it, a UUID.
    """

    after: Any
    upto: Any

    def where(self, column: str) -> str:
        """The condition on the quoted column of the primary key, in SQL."""
        bounds = (("> ", self.after), ("<= ", self.upto))
        said = [f"{column} {sign}'{bound}'" for sign, bound in bounds if bound is not None]
        return f"WHERE {' AND '.join(said)}" if said else ""


ALL = Ids(None, None)

Key = UUID | int
"""What a row is found by: its stream's id, or a position."""


class VersionEnd(NamedTuple):
    """The end of a version that was valid, and the cell that it then is in, if it is in one."""

    valid_from: int
    valid_to: int
    cell: int | None


Packed = Any
"""Rows ready to be inserted, in the dialect's own form."""


Cells = tuple[str | None, ...]
"""A row, each column as `projections.digest` encodes it; None for NULL."""


@dataclass(frozen=True)
class TableLocation:
    """The location of one generation's rows: the name of the model's table in this state."""

    model: type[models.Model]
    table: str
    """The quoted name, with its schema if it needs one."""
    key: str
    columns: tuple[str, ...] = field(init=False)
    kinds: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        fields = self.model._meta.concrete_fields
        object.__setattr__(self, "columns", tuple(str(f.column) for f in fields))
        kinds = tuple(
            next((kind for type_, kind in KINDS.items() if isinstance(f, type_)), "integer")
            for f in fields
        )
        object.__setattr__(self, "kinds", kinds)

    @cached_property
    def key_index(self) -> int:
        """The number of the key's column."""
        return self.columns.index(self.key)

    @cached_property
    def id(self) -> str:
        """The quoted column of the primary key."""
        return f'"{self.model._meta.pk.column}"'

    @cached_property
    def assignments(self) -> str:
        """Each column with a mark for its new value, for SQL."""
        return ", ".join(f'"{column}" = %s' for column in self.columns)

    @cached_property
    def column_list(self) -> str:
        """The columns, quoted, for SQL."""
        return ", ".join(f'"{column}"' for column in self.columns)


@cache
def table_location(model: type[models.Model], table: str, key: str) -> TableLocation:
    """The location, always the same object: its columns are found out once."""
    return TableLocation(model, table, key)


def row_written(place: TableLocation, written: Mapping[str, str]) -> str:
    """SQL that encodes a row as `projections.digest` does. `written` has SQL per kind of column."""
    return " || ".join(f"coalesce({cell}, '-')" for cell in cells_written(place, written))


def cells_written(place: TableLocation, written: Mapping[str, str]) -> list[str]:
    """SQL that encodes each column by itself, NULL for NULL."""
    return [
        written[kind].replace("{c}", f'"{column}"')
        for column, kind in zip(place.columns, place.kinds, strict=True)
    ]


class TableDialect(ABC):
    """The operations of one kind of database, on one of Django's connections."""

    chunk: ClassVar[int]
    """How many events to apply at a time."""
    parts: ClassVar[int] = 1
    """How many chunks of events a rebuild writes in one transaction."""
    written: ClassVar[Mapping[str, str]]
    """SQL that encodes each kind of column `{c}` as `projections.digest` does; NULL for NULL."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection

    def execute(self, *statements: str) -> None:
        with self.connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    def ddl(self, model: type[models.Model]) -> tuple[list[str], list[str]]:
        """The statements with which `migrate` creates this table, and those for its indexes."""
        editor = self.connection.schema_editor(collect_sql=True)
        editor.deferred_sql = []
        editor.create_model(model)
        return editor.collected_sql, [str(statement) for statement in editor.deferred_sql]

    @abstractmethod
    def run(self, statement: str, parameters: Sequence[Any]) -> int:
        """Run a short statement, with `%s` for each parameter, by the driver's own means.

        Returns how many rows it changed. Times, UUIDs and booleans are as `stored` returns them.
        """

    @abstractmethod
    def stored(self, kind: str, value: Any) -> Any:
        """A Python value as a parameter for a column of this kind."""

    def update(self, place: TableLocation, key: Key, changed: Mapping[int, Any]) -> bool:
        """Set columns, by their numbers, of the row with this key; False if there is none."""
        sets = ", ".join(f'"{place.columns[number]}" = %s' for number in changed)
        values = [self.stored(place.kinds[number], value) for number, value in changed.items()]
        values.append(self.stored(place.kinds[place.key_index], key))
        statement = f'UPDATE {place.table} SET {sets} WHERE "{place.key}" = %s'
        return self.run(statement, values) == 1

    def add(self, place: TableLocation, row: Sequence[Any]) -> None:
        """Insert one row, given as Python values in column order."""
        marks = ", ".join(["%s"] * len(place.columns))
        self.run(
            f"INSERT INTO {place.table} ({place.column_list}) VALUES ({marks})",
            list(map(self.stored, place.kinds, row)),
        )

    def upsert(self, place: TableLocation, rows: Sequence[Sequence[Any]]) -> None:
        """Insert a few rows, given as Python values in column order, or update those with the same
        key: one statement for all of them."""
        marks = f"({', '.join(['%s'] * len(place.columns))})"
        sets = ", ".join(
            f'"{column}" = excluded."{column}"' for column in place.columns if column != place.key
        )
        self.run(
            f"INSERT INTO {place.table} ({place.column_list}) VALUES "
            f"{', '.join([marks] * len(rows))} "
            f'ON CONFLICT ("{place.key}") DO UPDATE SET {sets}',
            [value for row in rows for value in map(self.stored, place.kinds, row)],
        )

    @abstractmethod
    def place(self, model: type[models.Model], key: str, state: GenerationState) -> TableLocation:
        """The location of this model's generation in this state."""

    @abstractmethod
    def load(self, place: TableLocation, keys: Sequence[UUID]) -> Iterator[tuple[Any, ...]]:
        """The rows that exist with these keys, as Python values in column order."""

    @abstractmethod
    def load_numbered(
        self, place: TableLocation, columns: tuple[str, str], pairs: Sequence[tuple[UUID, int]]
    ) -> Iterator[tuple[Any, ...]]:
        """The rows that exist with these pairs of a UUID and a number in two columns, which an
        index must have. As Python values in column order."""

    @abstractmethod
    def end_versions(self, place: TableLocation, ended: Sequence[VersionEnd]) -> None:
        """Write the ends of these versions, of a table of versions of rows."""

    @abstractmethod
    def remove(self, place: TableLocation, keys: Sequence[UUID]) -> None:
        """Delete the rows with these keys."""

    @abstractmethod
    def packed(self, place: TableLocation, rows: Sequence[tuple[Any, ...]]) -> Packed:
        """Rows, as Python values in column order, in the form that `insert` sends.

        Needs no connection and can be pickled, so another process may do it.
        """

    @abstractmethod
    def insert(self, place: TableLocation, packed: Packed) -> None:
        """Insert rows that were packed for this table."""

    @abstractmethod
    def replace(self, place: TableLocation, rows: Sequence[tuple[Any, ...]]) -> None:
        """Update rows that are in the table, found by their key. One statement for each row."""

    @abstractmethod
    def row_hashes(self, place: TableLocation, ids: Ids = ALL) -> Iterator[bytes]:
        """The SHA-256 of each row as `projections.digest` encodes it, in id order, joined in
        batches. The database encodes the rows itself, several times as fast as Python could.
        """

    def pieces(self, place: TableLocation, rows: int) -> list[Ids]:
        """A table of about this many rows, divided into pieces of `PIECE` rows in id order."""
        bounds: list[Any] = [None]
        with self.connection.cursor() as cursor:
            for start in range(PIECE, rows, PIECE):
                cursor.execute(
                    f"SELECT {place.id} FROM {place.table} "
                    f"ORDER BY {place.id} LIMIT 1 OFFSET {start}"
                )
                bounds += [row[0] for row in cursor.fetchall()]
        return [Ids(*both) for both in pairwise([*bounds, None])]

    def differing(self, live: TableLocation, building: TableLocation) -> Iterator[tuple[Any, str]]:
        """The ids, in order, of the rows that differ between two tables, and how: `appears` (in
        the building one), `disappears` or `changes`. The database compares them.
        """
        statement = sql("any", "changes").format(
            live=live.table,
            building=building.table,
            row=row_written(live, self.written),
            id=live.id,
        )
        with self.connection.chunked_cursor() as cursor:
            cursor.execute(statement)
            while found := cursor.fetchmany(2_000):
                yield from found

    def cells(self, place: TableLocation, ids: Sequence[Any]) -> dict[Any, Cells]:
        """The rows with these few ids, their columns encoded as `projections.digest` does."""
        if not ids:
            return {}
        columns = ", ".join(cells_written(place, self.written))
        marks = ", ".join(["%s"] * len(ids))
        with self.connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {place.id}, {columns} FROM {place.table} WHERE {place.id} IN ({marks})",
                list(ids),
            )
            return {row[0]: tuple(row[1:]) for row in cursor.fetchall()}

    @abstractmethod
    def unhurried(self) -> AbstractContextManager[None]:
        """A context in which commits need not reach the disk at once: a rebuild can be repeated.

        Each transaction begins with `unhurried_commit`.
        """

    @abstractmethod
    def unhurried_commit(self) -> None:
        """Allow the transaction that has just begun to reach the disk later."""

    @abstractmethod
    def only_one_rebuild(self) -> AbstractContextManager[None]:
        """A lock for one process at a time, released when it dies; raises `RebuildRunning`."""

    @abstractmethod
    def clear_building(self) -> None:
        """Drop the tables that a rebuild has left, for example one that was killed."""

    @abstractmethod
    def create(self, place: TableLocation) -> None:
        """Create the empty table of a building generation, without its indexes."""

    @abstractmethod
    def finish(
        self, places: Sequence[TableLocation], wanted: Callable[[], bool] = lambda: True
    ) -> None:
        """After loading, finish the tables as far as possible before the switch.

        This may be done again: what is there is not made twice. `wanted` is asked for each table in
        the transaction that changes it; if it says no, the table is left alone.
        """

    @abstractmethod
    def switch(self, models: Sequence[type[models.Model]], *, back: bool) -> None:
        """Put the building tables in place of the live ones, which become the frozen ones.

        Runs in the open transaction. With `back`, the frozen and the live ones change places.
        Raises `SwitchBlocked` if a table stays in use.
        """

    @abstractmethod
    def complete(self, models: Sequence[type[models.Model]]) -> None:
        """Make the indexes that the live tables lack, if a switch leaves some for later."""

    @abstractmethod
    def build_search(self, model: type[models.Model], searched: SearchedTexts) -> int | None:
        """Make the live table's search index; returns its size in bytes.

        None if the database cannot have one, or another process is making one.
        """

    @abstractmethod
    def search_states(self, tables: Sequence[str]) -> dict[str, tuple[bool, bool]]:
        """Whether each live table's search index can be used, and whether one is being made."""

    @abstractmethod
    def database_identity(self) -> str:
        """A text that is the same for all who use this database, and another one for its copies.

        Empty if no other process can use it.
        """

    @abstractmethod
    def exists(self, place: TableLocation) -> bool:
        """Whether the table exists."""

    def who_blocks(self, table: str) -> str:
        """A text for people that names the sessions using the live table; empty if unknown."""
        return ""
