"""Which legacy column fills which column of the host's consolidated table."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from domain.consolidation.values import ColumnChoice
from domain.values import Value
from infrastructure.hosts.declarations import ColumnDeclaration
from infrastructure.hosts.importing.row_encoder import ASSUMED
from infrastructure.hosts.schema import ColumnSchema, Family, TableSchema
from infrastructure.hosts.tables import HostTable
from projections.host_migration.answers import Answers
from projections.host_migration.errors import BadAnswer

Filled = Literal["copied", "assumed", "given", "empty", "backup", "target"]
"""How a column is filled: with the legacy row's own value; with the value that an import assumes;
with what the operator named; with NULL; with the new id of the row's backup; with the target
database, which is derived where the row does not say."""


@dataclass(frozen=True)
class MovedColumn:
    """One column of the consolidated table. `sources`: the first that is not NULL fills it."""

    name: str
    filled: Filled
    sources: tuple[str, ...] = ()
    value: str | int | bool | None = None
    family: Family = "text"
    declared: str = ""
    same_type: bool = True


class Side(NamedTuple):
    """One of the two tables, and which of its columns mean what to this service."""

    table: HostTable
    schema: TableSchema
    declared: Mapping[str, ColumnDeclaration]
    choices: Mapping[str, ColumnChoice]

    def sources(self, target: str) -> tuple[str, ...]:
        """The columns that fill a target; none if there are none."""
        choice = self.choices.get(target)
        return choice.sources if choice else ()


@dataclass
class Pairing:
    """The columns of two tables, paired, and what an operator has still to say."""

    legacy: Side
    consolidated: Side
    answers: Answers
    columns: dict[str, MovedColumn] = field(default_factory=dict)
    used: set[str] = field(default_factory=lambda: {"id"})
    needed: list[str] = field(default_factory=list)
    """Columns of the consolidated table that need a value."""
    left: list[str] = field(default_factory=list)
    """Columns that only the legacy table has."""

    def pair(self) -> None:
        """Fill every column that can be filled. The rest is in `needed` and `left`."""
        for target in self.consolidated.choices:
            self._pair_target(target)
        for column in self.consolidated.schema.columns:
            if column.name != "id" and column.name not in self.columns:
                self._pair_other(column)
        self.left = [
            name
            for name in self.legacy.schema.names
            if name not in self.used and (self.legacy.table.name, name) not in self.answers.left_out
        ]

    def _pair_target(self, target: str) -> None:
        """A column whose meaning this service knows: filled as in its own consolidated table."""
        own = self.consolidated.sources(target)
        if not own or own[0] in self.columns or self._answered(own[0]):
            return
        name, sources = own[0], self.legacy.sources(target)
        column = self.consolidated.schema.column(name)
        if column is None:
            return
        if target == "source_backup_id" and sources:
            self._fill(MovedColumn(name, "backup", sources, family="int"))
        elif target == "target_database":
            self._fill(MovedColumn(name, "target", sources))
        elif sources and all(self._fits(source, column) for source in sources):
            self._copy(column, sources)
        elif not sources and target in ASSUMED and self.legacy.table.origin == "legacy":
            self._fill(_constant(column, "assumed", ASSUMED[target]))

    def _pair_other(self, column: ColumnSchema) -> None:
        """A column of the host's own."""
        where = (self.consolidated.table.name, column.name)
        declared = self.consolidated.declared[column.name]
        if where in self.answers.copies:
            self._copy(column, (self.answers.copies[where],))
        elif where in self.answers.values:
            self._fill(_constant(column, "given", self.answers.values[where]))
        elif declared.generated:
            return
        elif column.name not in self.used and self._fits(column.name, column):
            self._copy(column, (column.name,))
        elif declared.nullable:
            self._fill(MovedColumn(column.name, "empty", family=column.family))
        else:
            self.needed.append(column.name)

    def _answered(self, name: str) -> bool:
        where = (self.consolidated.table.name, name)
        return where in self.answers.copies or where in self.answers.values

    def _copy(self, column: ColumnSchema, sources: tuple[str, ...]) -> None:
        legacy = [self.legacy.schema.column(source) for source in sources]
        self._fill(
            MovedColumn(
                column.name,
                "copied",
                sources,
                family=column.family,
                declared=column.declared,
                same_type=all(one is not None and one.family == column.family for one in legacy),
            )
        )

    def _fill(self, column: MovedColumn) -> None:
        self.columns[column.name] = column
        self.used.update(column.sources)

    def _fits(self, source: str, column: ColumnSchema) -> bool:
        """Whether the legacy column means the same as far as the catalogue can tell."""
        legacy = self.legacy.schema.column(source)
        if legacy is None or legacy.local != column.local:
            return False
        if legacy.family != column.family and {legacy.family, column.family} != {"bool", "int"}:
            return False
        refers = self.legacy.schema.references.get(source)
        return refers == self.consolidated.schema.references.get(column.name)


BOOLEANS = {"true": 1, "yes": 1, "1": 1, "false": 0, "no": 0, "0": 0}


def _constant(column: ColumnSchema, filled: Filled, value: Value) -> MovedColumn:
    """The same value in every moved row, of the column's type. Raises `BadAnswer`."""
    assert value is None or isinstance(value, str | int)
    typed: str | int | None = value
    if isinstance(value, str) and column.family in ("int", "bool"):
        try:
            number = BOOLEANS.get(value.lower())
            # MySQL's booleans are integers.
            typed = int(value) if number is None and column.family == "int" else number
        except ValueError:
            typed = None
        if typed is None:
            raise BadAnswer(f"{column.name}={value}", f"the column is of type {column.declared}")
        typed = bool(typed) if column.family == "bool" else typed
    return MovedColumn(
        column.name, filled, value=typed, family=column.family, declared=column.declared
    )
