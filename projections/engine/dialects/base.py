"""What the engine needs of a database, and what is the same on all of them."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Any, ClassVar, NamedTuple
from uuid import UUID

from django.db import models

from projections.engine.models import GenerationState
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
"""Rows whose hashes one process computes at a time."""


class Ids(NamedTuple):
    """Part of a table: the ids after one, up to another; None where there is no bound.

    An id is a whole number or, as the database writes it, a UUID.
    """

    after: Any
    upto: Any

    @property
    def where(self) -> str:
        """The condition, in SQL."""
        bounds = (("> ", self.after), ("<= ", self.upto))
        said = [f"\"id\" {sign}'{bound}'" for sign, bound in bounds if bound is not None]
        return f"WHERE {' AND '.join(said)}" if said else ""


ALL = Ids(None, None)

Packed = Any
"""Rows ready to be inserted; each dialect has a form of its own."""


Cells = tuple[str | None, ...]
"""A row, each column as `projections.digest` writes it; None for NULL."""


@dataclass(frozen=True)
class TableLocation:
    """Where the rows of one generation are: the model's table, as it is called in this state."""

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
    def column_list(self) -> str:
        """The columns, quoted, for SQL."""
        return ", ".join(f'"{column}"' for column in self.columns)


def row_written(place: TableLocation, written: Mapping[str, str]) -> str:
    """SQL for a row as `projections.digest` writes it, from SQL for each kind of column `{c}`."""
    return " || ".join(f"coalesce({cell}, '-')" for cell in cells_written(place, written))


def cells_written(place: TableLocation, written: Mapping[str, str]) -> list[str]:
    """The same for each column by itself, NULL for NULL."""
    return [
        written[kind].replace("{c}", f'"{column}"')
        for column, kind in zip(place.columns, place.kinds, strict=True)
    ]


class TableDialect(ABC):
    """One database's way, on one of Django's connections."""

    chunk: ClassVar[int]
    """How many events to take in at a time."""
    parts: ClassVar[int] = 1
    """How many chunks of them a rebuild writes in one transaction."""
    written: ClassVar[Mapping[str, str]]
    """How `projections.digest` writes each kind of column `{c}`, in SQL; NULL for NULL."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection

    def execute(self, *statements: str) -> None:
        with self.connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    def ddl(self, model: type[models.Model]) -> tuple[list[str], list[str]]:
        """The statements with which `migrate` makes this table, and those for its indexes."""
        editor = self.connection.schema_editor(collect_sql=True)
        editor.deferred_sql = []
        editor.create_model(model)
        return editor.collected_sql, [str(statement) for statement in editor.deferred_sql]

    @abstractmethod
    def place(self, model: type[models.Model], key: str, state: GenerationState) -> TableLocation:
        """Where the generation of this model in this state is."""

    @abstractmethod
    def load(self, place: TableLocation, keys: Sequence[UUID]) -> Iterator[tuple[Any, ...]]:
        """The rows with these keys, as Python values in column order; not all need exist."""

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
    def row_hashes(self, place: TableLocation, ids: Ids = ALL) -> Iterator[bytes]:
        """The SHA-256 of each row as `projections.digest` writes it, in id order, joined in
        batches: the database writes the rows itself, several times as fast as Python could.
        """

    def pieces(self, place: TableLocation, rows: int) -> list[Ids]:
        """A table of about so many rows in pieces of `PIECE`, in id order."""
        bounds: list[Any] = [None]
        with self.connection.cursor() as cursor:
            for start in range(PIECE, rows, PIECE):
                cursor.execute(
                    f'SELECT "id" FROM {place.table} ORDER BY "id" LIMIT 1 OFFSET {start}'
                )
                bounds += [row[0] for row in cursor.fetchall()]
        return [Ids(*both) for both in pairwise([*bounds, None])]

    def differing(self, live: TableLocation, building: TableLocation) -> Iterator[tuple[Any, str]]:
        """The ids, in order, of the rows by which two tables differ, and how: `appears` (in the
        building one), `disappears` or `changes`. The database compares.
        """
        statement = sql("any", "changes").format(
            live=live.table, building=building.table, row=row_written(live, self.written)
        )
        with self.connection.chunked_cursor() as cursor:
            cursor.execute(statement)
            while found := cursor.fetchmany(2_000):
                yield from found

    def cells(self, place: TableLocation, ids: Sequence[Any]) -> dict[Any, Cells]:
        """The rows with these ids, a few, as `projections.digest` writes their columns."""
        if not ids:
            return {}
        columns = ", ".join(cells_written(place, self.written))
        marks = ", ".join(["%s"] * len(ids))
        with self.connection.cursor() as cursor:
            cursor.execute(
                f'SELECT "id", {columns} FROM {place.table} WHERE "id" IN ({marks})', list(ids)
            )
            return {row[0]: tuple(row[1:]) for row in cursor.fetchall()}

    @abstractmethod
    def unhurried(self) -> AbstractContextManager[None]:
        """Where commits need not reach the disk at once: a rebuild begins anew anyway.

        Each transaction begins with `unhurried_commit`.
        """

    @abstractmethod
    def unhurried_commit(self) -> None:
        """The transaction that has just begun need not reach the disk at once."""

    @abstractmethod
    def only_one_rebuild(self) -> AbstractContextManager[None]:
        """Held by one process at a time, and let go when it dies; raises `RebuildRunning`."""

    @abstractmethod
    def clear_building(self) -> None:
        """Drop the tables that a rebuild, perhaps a dead one, has left."""

    @abstractmethod
    def create(self, place: TableLocation) -> None:
        """Make the empty table of a building generation, without its indexes."""

    @abstractmethod
    def finish(self, places: Sequence[TableLocation]) -> None:
        """After loading: what can be done before the switch."""

    @abstractmethod
    def switch(self, models: Sequence[type[models.Model]], *, back: bool) -> None:
        """Put the building tables in place of the live ones, which become the frozen ones.

        In the transaction that is open. With `back`, the frozen ones take the live ones' place
        and the other way round. Raises `SwitchBlocked` when a table stays in use.
        """

    @abstractmethod
    def exists(self, place: TableLocation) -> bool:
        """Whether the table is there."""

    def who_blocks(self, table: str) -> str:
        """Who holds the live table, for people; empty if that cannot be known."""
        return ""
