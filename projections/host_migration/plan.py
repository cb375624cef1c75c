"""The plan of a migration: what it moves, from which columns to which, and what it adds."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, Self

from domain.consolidation.values import ColumnChoices
from infrastructure.hosts.declarations import ColumnDeclaration
from infrastructure.hosts.schema import TableSchema
from infrastructure.hosts.tables import (
    CONSOLIDATED_BACKUPS,
    CONSOLIDATED_RESTORES,
    LEGACY_BACKUPS,
    LEGACY_RESTORES,
    HostTable,
)
from projections.host_migration.answers import Answers
from projections.host_migration.columns import MovedColumn, Pairing, Side
from projections.host_migration.errors import AnswersNeeded, BadAnswer

MovedKind = Literal["backup", "restore"]
TARGET = "target_database"


@dataclass(frozen=True)
class MovedTable:
    """A legacy table and the consolidated table that its rows are moved to.

    `own` are the legacy columns that are moved, `left_out` those that stay behind.
    """

    kind: MovedKind
    legacy: str
    consolidated: str
    columns: tuple[MovedColumn, ...]
    own: tuple[str, ...]
    left_out: tuple[str, ...]


@dataclass(frozen=True)
class BackupNames:
    """How the database of a restore's backup is found: the restore's columns that name its backup,
    and the backup's text columns that name its database. None if it cannot be found."""

    backup: tuple[str, ...] = ()
    database: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """What one migration does. `step` is its number; the first one has `first`.

    `target` is the consolidated restores' column with the target database. `batches` says how many
    rows each transaction moves; 0 if there is but one.
    """

    step: int
    first: bool
    target: str
    adds_target: bool
    indexed: bool
    restores: MovedTable
    backups: MovedTable | None
    legacy_names: BackupNames
    consolidated_names: BackupNames
    batches: int = 0

    @property
    def tables(self) -> tuple[MovedTable, ...]:
        """The tables whose rows are moved, in order."""
        return (self.restores,) if self.backups is None else (self.backups, self.restores)

    def as_literal(self) -> dict[str, Any]:
        """The plan as a Python literal, which `from_literal` reads."""
        return asdict(self)

    def next(self, step: int, *, batches: int = 0) -> Self:
        """The plan of a later migration that moves what was written since."""
        return replace(
            self, step=step, first=False, adds_target=False, indexed=False, batches=batches
        )

    @classmethod
    def from_literal(cls, told: dict[str, Any]) -> Self:
        """The plan that was written in an earlier migration."""
        return cls(
            **{
                **told,
                "restores": _moved_table(told["restores"]),
                "backups": told["backups"] and _moved_table(told["backups"]),
                "legacy_names": BackupNames(**told["legacy_names"]),
                "consolidated_names": BackupNames(**told["consolidated_names"]),
            }
        )


def _moved_table(told: dict[str, Any]) -> MovedTable:
    return MovedTable(**{**told, "columns": tuple(MovedColumn(**one) for one in told["columns"])})


@dataclass(frozen=True)
class HostSchema:
    """What the host's catalogue says of the four tables, and how they are read."""

    schemas: Mapping[str, TableSchema]
    declared: Mapping[str, Mapping[str, ColumnDeclaration]]
    choices: ColumnChoices
    target_indexed: bool
    """Whether the legacy restores have an index of the target database."""

    def side(self, table: HostTable) -> Side:
        return Side(
            table,
            self.schemas[table.name],
            self.declared[table.name],
            self.choices.get(table.label, {}),
        )

    def names(self, restores: HostTable, backups: HostTable) -> BackupNames:
        """How a restore's database is derived, as an import does it."""
        found = self.schemas[backups.name]
        named = self.side(backups).sources("database_name")
        texts = tuple(
            name for name in named if (column := found.column(name)) and column.family == "text"
        )
        return BackupNames(self.side(restores).sources("source_backup_id"), texts)


def make_plan(host: HostSchema, answers: Answers, step: int, *, batches: int = 0) -> Plan:
    """The plan of a first migration. Raises `AnswersNeeded` and `BadAnswer`."""
    restores = host.side(CONSOLIDATED_RESTORES)
    known = restores.sources(TARGET)
    pairs = [Pairing(host.side(LEGACY_RESTORES), restores, answers)]
    pairs[0].pair()
    if not known:
        legacy = host.side(LEGACY_RESTORES).sources(TARGET)
        pairs[0].columns[TARGET] = MovedColumn(TARGET, "target", legacy)
        pairs[0].left = [name for name in pairs[0].left if name not in legacy]
        pairs[0].used.update(legacy)
    if any(column.filled == "backup" for column in pairs[0].columns.values()):
        pairs.append(Pairing(host.side(LEGACY_BACKUPS), host.side(CONSOLIDATED_BACKUPS), answers))
        pairs[1].pair()
    _refuse_open_questions(pairs, answers)
    return Plan(
        step=step,
        first=True,
        target=known[0] if known else TARGET,
        adds_target=not known,
        indexed=not known and host.target_indexed,
        restores=_moved("restore", pairs[0]),
        backups=_moved("backup", pairs[1]) if len(pairs) > 1 else None,
        legacy_names=host.names(LEGACY_RESTORES, LEGACY_BACKUPS),
        consolidated_names=host.names(CONSOLIDATED_RESTORES, CONSOLIDATED_BACKUPS),
        batches=batches,
    )


def _moved(kind: MovedKind, pair: Pairing) -> MovedTable:
    return MovedTable(
        kind,
        pair.legacy.table.name,
        pair.consolidated.table.name,
        tuple(pair.columns.values()),
        tuple(sorted(pair.used - {"id"})),
        tuple(sorted(set(pair.legacy.schema.names) - pair.used)),
    )


def _refuse_open_questions(pairs: list[Pairing], answers: Answers) -> None:
    """Raise unless every question was answered, and every answer is to a question."""
    columns = {(p.consolidated.table.name, name) for p in pairs for name in p.columns}
    for table, name in answers.values.keys() | answers.copies.keys():
        if (table, name) not in columns:
            raise BadAnswer(f"{table}.{name}", "the host has no such column to fill")
    used = {(p.legacy.table.name, name): name in p.used
            for p in pairs for name in p.legacy.schema.names}  # fmt: skip
    for table, name in answers.left_out:
        if (table, name) not in used:
            raise BadAnswer(f"{table}.{name}", "the host has no such column to leave out")
        if used[table, name]:
            raise BadAnswer(f"{table}.{name}", "this column is moved")
    for (table, name), source in answers.copies.items():
        pair = next(p for p in pairs if p.consolidated.table.name == table)
        if not pair.legacy.schema.has(source):
            where = f"{pair.legacy.table.name} has no column {source}"
            raise BadAnswer(f"{table}.{name}={source}", where)
    needed = [f"{p.consolidated.table.name}.{name}" for p in pairs for name in p.needed]
    left = [f"{p.legacy.table.name}.{name}" for p in pairs for name in p.left]
    if needed or left:
        raise AnswersNeeded(needed, left)
