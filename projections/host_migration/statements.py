"""The SQL of a migration for one kind of database: every statement by its name, complete."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from infrastructure.sql_files import sql_in
from projections.host_migration.columns import MovedColumn
from projections.host_migration.dialects import MigrationDialect
from projections.host_migration.plan import BackupNames, MovedTable, Plan
from projections.host_migration.within import Within, with_parameters

sql = sql_in(Path(__file__).parent / "sql")
OF_MYSQL: Final = frozenset(
    {"carry_over", "put_back", "note_put_back", "remove", "write_filled", "unfill"}
)
"""What MySQL spells in its own way: a subquery there is run for each row of the changed table."""
MOVE: Final = ("not_moved", "insert", "record")


def migration_statements(
    plan: Plan, dialect: MigrationDialect, *, host_vendor: str
) -> dict[str, str]:
    """All statements by name. Those of a table begin with its kind: `restore.insert`.

    `host_vendor` is the kind of database whose declared types the plan has.
    """
    same_vendor = dialect.vendor == host_vendor
    writer = _Writer(plan, dialect, casts=same_vendor)
    found = writer.common()
    for table in plan.tables:
        found |= {f"{table.kind}.{name}": text for name, text in writer.of_table(table).items()}
    if plan.batches and plan.backups is not None:
        found |= {
            f"backup.{name}_of_restores": text
            for name, text in writer.of_restores(plan.backups).items()
        }
    return {name: with_parameters(text.strip()) for name, text in found.items()}


class _Writer:
    """Fills the templates in."""

    def __init__(self, plan: Plan, dialect: MigrationDialect, *, casts: bool) -> None:
        self.plan = plan
        self.dialect = dialect
        self.casts = casts
        self.consolidated = dialect.quote(plan.restores.consolidated)
        self.target = dialect.quote(plan.target)
        self.within = Within(batches=bool(plan.batches))

    def common(self) -> dict[str, str]:
        """The statements on the record tables, and on the rows of the host's own."""
        plan, dialect = self.plan, self.dialect
        derived = self._database("d", plan.consolidated_names)
        target = f"t.{self.target}"
        parts = {
            "consolidated": self.consolidated,
            "target": self.target,
            "step": str(plan.step),
            "moment": dialect.moment,
            "within": self.within,
            "derived": derived,
            "join": self._backups_of(
                "d", _other_backups(plan.restores.consolidated), "t", plan.consolidated_names
            ),
            "target_is_empty": dialect.is_empty(target),
            "derived_is_empty": dialect.is_empty(derived),
            "differ": dialect.differ(
                "f.target_database", target, MovedColumn(plan.target, "target")
            ),
        }
        names = ["fill", "write_filled", "filled_changed", "unfill", "forget_filled"]
        names.append("column_used")
        if plan.first:
            names += ["create_moved_row", "create_filled_row", "create_moved_counter"]
        if plan.adds_target:
            names.append("add_column")
        return {name: self._template(name).format(**parts) for name in names}

    def of_table(self, table: MovedTable) -> dict[str, str]:
        """The statements that move one table's rows."""
        names = [*MOVE, "compare", "conflicts", "note_carried", "carry_over", "note_copies"]
        names += ["changed", "references", "remove", "forget"]
        if table.kind == "backup":
            names.append("own_references")
        if self.plan.batches:
            names.append("check")
        if not self.plan.first:
            names += ["create_before", "save_copies", "put_back", "note_put_back", "forget_before"]
        parts = self._parts(table, self._wanted(table), self.within)
        return {name: self._template(name).format(**parts) for name in names}

    def of_restores(self, table: MovedTable) -> dict[str, str]:
        """The statements that move the backups of the restores of one batch."""
        restores = self.dialect.quote(self.plan.restores.legacy)
        key = self._first("r", self.plan.legacy_names.backup)
        wanted = f"l.id IN (SELECT {key} FROM {restores} AS r WHERE 1 = 1{self.within['r.id']})"
        parts = self._parts(table, wanted, Within(batches=False))
        return {name: self._template(name).format(**parts) for name in MOVE}

    def _parts(self, table: MovedTable, wanted: str, within: Within) -> dict[str, Any]:
        """What fills the templates of one table."""
        dialect = self.dialect
        backup_join, lost_backup = self._lost_backup(table)
        columns = [dialect.quote(column.name) for column in table.columns]
        values = [self._value(column) for column in table.columns]
        carried = [
            (name, value)
            for value, name, column in zip(values, columns, table.columns, strict=True)
            if column.sources or column.filled == "target"
        ]
        differ = [
            dialect.differ(value, f"t.{name}", column)
            for value, name, column in zip(values, columns, table.columns, strict=True)
        ]
        parts = {
            "kind": table.kind,
            "step": str(self.plan.step),
            "within": within,
            "now": dialect.now,
            "legacy": dialect.quote(table.legacy),
            "consolidated": dialect.quote(table.consolidated),
            "before": dialect.quote(f"restorelog_before_{self.plan.step}_{table.kind}"),
            "columns": ",\n    ".join(columns),
            "values": ",\n    ".join(values),
            "carried_columns": ",\n    ".join(name for name, _ in carried),
            "carried_values": ",\n    ".join(value for _, value in carried),
            "carried_aliases": ",\n        ".join(f"{value} AS {name}" for name, value in carried),
            "carried_settings": ",\n    ".join(f"t.{name} = n.{name}" for name, _ in carried),
            "saved_settings": ",\n    ".join(f"t.{name} = s.{name}" for name in columns),
            "saved_row": sql("saved_row").strip(),
            "saved": ",\n    ".join(f"s.{name}" for name in columns),
            "source": self._source(table),
            "joins": self._joins(table),
            "wanted": wanted,
            "backup_join": backup_join,
            "lost_backup": lost_backup,
            "source_digest": dialect.digest([f"l.{dialect.quote(name)}" for name in table.own]),
            "copy_digest": dialect.digest([f"t.{name}" for name in columns]),
            "any_differs": "\n                OR ".join(differ),
            "differing": ",\n    ".join(
                f"coalesce(sum(CASE WHEN {one} THEN 1 ELSE 0 END), 0)" for one in differ
            ),
        }
        return {**parts, "new_rows": sql("new_rows").strip().format(**parts)}

    def _template(self, name: str) -> str:
        own = self.dialect.vendor == "mysql" and name in OF_MYSQL
        return sql("mysql", name) if own else sql(name)

    def _value(self, column: MovedColumn) -> str:
        """The value that fills a column, as SQL."""
        dialect = self.dialect
        if column.filled == "backup":
            return "b.consolidated_id"
        if column.filled == "target":
            derived = self._database("d", self.plan.legacy_names)
            if not column.sources:
                return derived
            own = self._first("l", column.sources)
            return (
                f"CASE WHEN {own} IS NULL OR {dialect.is_empty(own)} THEN {derived} ELSE {own} END"
            )
        if column.sources:
            value = self._first("l", column.sources)
            return value if column.same_type or not self.casts else dialect.cast(value, column)
        value = dialect.constant(column)
        # The target would get text; a cast of text to text might cut it.
        plain = column.value is None or column.family in ("text", "int", "bool")
        return value if plain or not self.casts else dialect.cast(value, column)

    def _source(self, table: MovedTable) -> str:
        """FROM: the record, the legacy rows, the record of their backups, and these backups."""
        legacy = self.dialect.quote(table.legacy)
        lines = [
            "FROM restorelog_moved_row AS m",
            f"JOIN {legacy} AS l ON m.kind = '{table.kind}' AND l.id = m.legacy_id",
            self._joins(table),
        ]
        return "\n".join(line for line in lines if line)

    def _joins(self, table: MovedTable) -> str:
        """Joins with the record of the legacy restores' backups, and with these backups."""
        names = self.plan.legacy_names
        if table.kind == "backup" or not names.backup:
            return ""
        key = self._first("l", names.backup)
        record = "restorelog_moved_row AS b ON b.kind = 'backup' AND b.legacy_id"
        backups = self._backups_of("d", _other_backups(table.legacy), "l", names)
        return f"LEFT JOIN {record} = {key}\n{backups}"

    def _lost_backup(self, table: MovedTable) -> tuple[str, str]:
        """A join, and the id of a restore's backup if there is no such backup."""
        names = self.plan.legacy_names
        if table.kind == "backup" or not names.backup:
            return "", "nullif(0, 0)"  # NULL as a number, on every database
        key = self._first("l", names.backup)
        join = self._backups_of("d", _other_backups(table.legacy), "l", names)
        return join, f"CASE WHEN d.id IS NULL THEN {key} END"

    def _wanted(self, table: MovedTable) -> str:
        """Which legacy rows are moved: every restore, and the backups that restores point at."""
        if table.kind == "restore":
            return "1 = 1"
        restores = self.dialect.quote(self.plan.restores.legacy)
        key = self._first("r", self.plan.legacy_names.backup)
        return f"EXISTS (SELECT 1 FROM {restores} AS r WHERE {key} = l.id)"

    def _backups_of(self, alias: str, backups: str, restore: str, names: BackupNames) -> str:
        """A join with the backup that a restore names; empty if restores name none."""
        if not names.backup:
            return ""
        key = self._first(restore, names.backup)
        return f"LEFT JOIN {self.dialect.quote(backups)} AS {alias} ON {alias}.id = {key}"

    def _database(self, alias: str, names: BackupNames) -> str:
        """The name of a backup's database, or the empty text."""
        if not (names.backup and names.database):
            return "''"
        return f"coalesce({', '.join(self._columns(alias, names.database))}, '')"

    def _first(self, alias: str, columns: Sequence[str]) -> str:
        """The first of these columns that is not NULL."""
        found = self._columns(alias, columns)
        return found[0] if len(found) == 1 else f"coalesce({', '.join(found)})"

    def _columns(self, alias: str, columns: Sequence[str]) -> list[str]:
        return [f"{alias}.{self.dialect.quote(name)}" for name in columns]


def _other_backups(restores: str) -> str:
    """The table of the backups that a table of restores refers to."""
    return restores.removesuffix("restorelog") + "backuplog"
