"""What a host's database says about its own tables."""

from dataclasses import dataclass, field
from typing import Literal

Family = Literal["bool", "int", "text", "time", "decimal", "float", "bytes", "raw"]
"""What a column is declared to hold; decides how its values stand in an event."""


@dataclass(frozen=True)
class ColumnSchema:
    """A column as declared. `bits` is the width of an integer where the database knows one.

    `local` says of a time without an offset that it is the clock on the wall: without it, the
    declared type is one of instants, and the reader's session has them in UTC.
    """

    name: str
    declared: str
    family: Family
    bits: int | None = None
    expression: str | None = None
    """SQL that reads the column without loss, where reading it plainly would round it."""
    local: bool = False


@dataclass(frozen=True)
class Reference:
    """Where a foreign key points."""

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
