"""The schema of a host's tables, as its database reports it."""

from dataclasses import dataclass, field
from typing import Literal

Family = Literal["bool", "int", "text", "time", "decimal", "float", "bytes", "raw"]
"""A column's declared type, which decides how its values are stored in an event."""


@dataclass(frozen=True)
class ColumnSchema:
    """A column as declared. `bits` is the width of an integer, if the database knows it.

    `local` means that times without an offset are local times. Otherwise the declared type is one
    of instants, and the reader's session reads them in UTC.
    """

    name: str
    declared: str
    family: Family
    bits: int | None = None
    expression: str | None = None
    """SQL that reads the column without loss, if plain reading would round it."""
    local: bool = False


@dataclass(frozen=True)
class Reference:
    """The column to which a foreign key refers."""

    table: str
    column: str


@dataclass(frozen=True)
class TableSchema:
    """A table of the host: its columns in order, its foreign keys by column name."""

    name: str
    columns: tuple[ColumnSchema, ...]
    references: dict[str, Reference] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        return [column.name for column in self.columns]

    def column(self, name: str) -> ColumnSchema | None:
        """The column of this name, or None."""
        return next((column for column in self.columns if column.name == name), None)

    def has(self, name: str) -> bool:
        return self.column(name) is not None
