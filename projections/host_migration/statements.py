"""The SQL of a migration for one kind of database: every statement by its name, complete."""

from collections.abc import Sequence
from pathlib import Path

from infrastructure.sql_files import sql_in
from projections.host_migration.columns import MovedColumn
from projections.host_migration.dialects import MigrationDialect
from projections.host_migration.plan import BackupNames, MovedTable, Plan

sql = sql_in(Path(__file__).parent / "sql")


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
    return {name: text.strip() for name, text in found.items()}


class _Writer:
    """Fills the templates in."""

    def __init__(self, plan: Plan, dialect: MigrationDialect, *, casts: bool) -> None:
        self.plan = plan
        self.dialect = dialect
        self.casts = casts
        self.consolidated = dialect.quote(plan.restores.consolidated)
        self.target = dialect.quote(plan.target)

    def common(self) -> dict[str, str]:
        """The statements on the record tables, and on the rows of the host's own."""
        plan, dialect = self.plan, self.dialect
        parts = {
            "consolidated": self.consolidated,
            "target": self.target,
            "step": str(plan.step),
            "moment": dialect.moment,
        }
        derived = self._database("d", plan.consolidated_names)
        target = f"t.{self.target}"
        native = self._backups_of(
            "d", _other_backups(plan.restores.consolidated), "t", plan.consolidated_names
        )
        text = MovedColumn(plan.target, "target")
        found = {
            "fill": sql("fill").format(
                **parts,
                derived=derived,
                join=native,
                target_is_empty=dialect.is_empty(target),
                derived_is_empty=dialect.is_empty(derived),
            ),
            "write_filled": sql("write_filled").format(**parts),
            "filled_changed": sql("filled_changed").format(
                **parts, differ=dialect.differ("f.target_database", target, text)
            ),
            "unfill": sql("unfill").format(**parts),
            "column_used": sql("column_used").format(
                **parts, target_is_empty=dialect.is_empty(target)
            ),
        }
        if plan.first:
            for name in ("create_moved_row", "create_filled_row", "create_moved_counter"):
                found[name] = sql(name).format(**parts)
        if plan.adds_target:
            found["add_column"] = sql("add_column").format(**parts)
        return found

    def of_table(self, table: MovedTable) -> dict[str, str]:
        """The statements that move one table's rows."""
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
            "wanted": self._wanted(table),
            "backup_join": backup_join,
            "lost_backup": lost_backup,
            "source_digest": dialect.digest([f"l.{dialect.quote(name)}" for name in table.own]),
            "copy_digest": dialect.digest([f"t.{name}" for name in columns]),
            "any_differs": "\n                OR ".join(differ),
            "differing": ",\n    ".join(
                f"coalesce(sum(CASE WHEN {one} THEN 1 ELSE 0 END), 0)" for one in differ
            ),
        }
        names = ["note", "insert", "note_copies", "compare", "not_moved", "changed", "remove"]
        if not self.plan.first:
            names += ["create_before", "conflicts", "save_copies", "carry_over", "note_carried"]
            names += ["put_back", "note_put_back"]
        return {name: self._template(name).format(**parts) for name in [*names, "references"]}

    def _template(self, name: str) -> str:
        """MySQL has no assignment of several columns from one query."""
        own = self.dialect.vendor == "mysql" and name in ("carry_over", "put_back", "note_put_back")
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
        ]
        names = self.plan.legacy_names
        if table.kind == "restore" and names.backup:
            key = self._first("l", names.backup)
            lines += [
                f"LEFT JOIN restorelog_moved_row AS b ON b.kind = 'backup' AND b.legacy_id = {key}",
                self._backups_of("d", _other_backups(table.legacy), "l", names),
            ]
        return "\n".join(lines)

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
