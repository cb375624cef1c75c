"""The interface of every database's reader."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, Protocol

from domain.values import Value

Row = tuple[Any, ...]

BATCH_ROWS = 4_000
BATCH_BYTES = 8_000_000
"""A batch ends at the first of these limits, so that long messages do not need more memory."""


class ReadColumn(NamedTuple):
    """A column of a table, with its type in lower case; `unbounded` if values may be very long."""

    name: str
    type: str
    unbounded: bool = False


class Wanted(NamedTuple):
    """A column to read. `kind` is a rule's, or "verbatim" for exactly what an event keeps."""

    column: ReadColumn
    kind: str


class Lookup(NamedTuple):
    """A value of another table for each row: `name`, in the row whose `key` is the first of these
    `columns` that is not null. There is none if that column is not among `keys`: its values cannot
    be compared.

    `table` is spelled as `SnapshotReader.references` spells it.
    """

    columns: tuple[str, ...]
    keys: frozenset[str]
    table: str
    key: str
    name: str

    def column(self, table: str, quoted: Callable[[str], str]) -> str:
        """The columns as SQL, of a table that is spelled so already."""
        names = [f"{table}.{quoted(name)}" for name in self.columns]
        if len(names) == 1:
            return names[0]
        if self.keys.issuperset(self.columns):
            return f"coalesce({', '.join(names)})"
        # The columns after the first that is not null do not count, even if it names nobody.
        parts = [
            f"WHEN {name} IS NOT NULL THEN {name if column in self.keys else 'NULL'}"
            for column, name in zip(self.columns, names, strict=True)
        ]
        return f"CASE {' '.join(parts)} END"


class SnapshotReader(Protocol):
    """One consistent, read-only snapshot of one database."""

    vendor: str

    def quoted(self, table: str) -> str:
        """A table's name as SQL spells it."""

    def columns(self, table: str) -> list[ReadColumn]:
        """The table's columns in their order; none if there is no such table.

        On PostgreSQL a table may be named with its schema, here and below: `schema.table`.
        """

    def rows(self, sql: str, params: Sequence[Any] = ()) -> list[Row]:
        """All rows of a small query. Placeholders are `?`."""

    def references(self, table: str) -> dict[str, tuple[str, str]]:
        """By each column that is a foreign key of its own: the table and column it refers to."""

    def declared(self, table: str) -> dict[str, str]:
        """The table's columns, and how their types are declared; none if there is no such table.

        The table is one that `references` named, or has a name that needs no quotes.
        """

    def stream(
        self, table: str, wanted: Sequence[Wanted], lookup: Lookup | None = None
    ) -> Iterator[list[Row]]:
        """The table's rows in order of `id`, in batches; what was looked up comes last.

        Times are ISO text, in UTC if the database knows the zone and naive if it does not. A value
        that is not a time, or is out of range, is returned in a form that is not ISO text. No value
        causes an error.
        """

    def is_local_time(self, column: ReadColumn) -> bool:
        """Whether the times of this column carry no zone, so that the host's zone is needed."""

    def is_time(self, column: ReadColumn) -> bool:
        """Whether values of this column are times; if not, none of them is treated as one."""

    def is_exact(self, want: Wanted) -> bool:
        """Whether an event stores the column's values exactly as they are read, by its kind."""

    def verbatim(self, column: ReadColumn) -> Callable[[Any], Value]:
        """The function from a value of this column, read as "verbatim", to its form in an event."""

    def close(self) -> None:
        """Close the snapshot and the connection."""


class ServiceReader(SnapshotReader, Protocol):
    """A reader of the service's own database."""

    def pick(
        self, table: str, wanted: Sequence[Wanted], key: str, streams: Sequence[str]
    ) -> list[Row]:
        """The rows whose `key`, a column of UUIDs, is one of these streams."""
