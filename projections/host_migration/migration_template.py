"""Stands for the text that is written for each host. Below the line is what all migrations share.

It runs in the host, with Django and the standard library alone: what it needs of a plan are the
constants that are declared here, and written with their values into each migration.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from django.core.management.base import CommandError
from django.db import migrations, models

if TYPE_CHECKING:
    from django.db.backends.base.schema import BaseDatabaseSchemaEditor
    from django.db.migrations.state import StateApps

DEPENDENCIES: list[tuple[str, str]] = []
STEP = 0
FIRST = True
ADDS_COLUMN = True
INDEX = ""
TARGET = ""
TABLES: dict[str, tuple[str, str]] = {}
BACKUP_COLUMN = ""
COLUMNS: dict[str, list[str]] = {}
RECORD: dict[str, str] = {}
SQL: dict[str, dict[str, str]] = {}

# --- The text from here on is the same in every migration. ---

LISTED = 10
ROOM = 1_000
"""MySQL: ids that are reserved for legacy rows written while a migration begins."""
SETTINGS = (
    "SET LOCAL TimeZone TO 'UTC'",
    "SET LOCAL DateStyle TO 'ISO, YMD'",
    "SET LOCAL IntervalStyle TO 'postgres'",
    "SET LOCAL extra_float_digits TO 1",
    "SET LOCAL bytea_output TO 'hex'",
)
"""PostgreSQL: values as text are the same in every session, so their digests are too."""
ALL_RECORD = {"restorelog_moved_row", "restorelog_filled_row", "restorelog_moved_counter", *RECORD}


class MoveRefused(CommandError):
    """Nothing was changed; the message says why."""


def _begin(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Make the tables of the record, and keep other writers out until the transaction ends."""
    host = _Host(schema_editor)
    host.lock()
    # MySQL commits each of these by itself: an earlier run may have been killed after some.
    there = host.tables() if host.vendor == "mysql" else set()
    for table, statement in RECORD.items():
        if table not in there:
            host.named(statement)


def _end(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Drop the tables of the record."""
    host = _Host(schema_editor)
    for table in RECORD:
        host.run(f"DROP TABLE IF EXISTS {table}")


def _add_column(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    host = _Host(schema_editor)
    # Only on MySQL can an earlier run have been killed between these.
    columns, indexes = host.columns_and_indexes() if host.vendor == "mysql" else ((), ())
    if TARGET not in columns:
        host.named("add_column")
    if INDEX and INDEX not in indexes:
        table, column = host.quote(TABLES["restore"][1]), host.quote(TARGET)
        host.run(f"CREATE INDEX {host.quote(INDEX)} ON {table} ({column})")


def _drop_column(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    host = _Host(schema_editor)
    columns, indexes = host.columns_and_indexes()
    if TARGET not in columns:
        return  # an earlier run was killed, see above
    if INDEX in indexes and host.vendor != "mysql":  # there it goes with the column
        host.run(f"DROP INDEX {host.quote(INDEX)}")
    table, column = host.quote(TABLES["restore"][1]), host.quote(TARGET)
    host.run(f"ALTER TABLE {table} DROP COLUMN {column}")


def _move(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Fill empty target databases, then move the rows and compare them with their sources."""
    host = _Host(schema_editor)
    if not {legacy for legacy, _ in TABLES.values()} <= host.tables():
        return  # the legacy tables are gone since
    host.reserve_ids()
    with host.alone():
        host.settings()
        host.named("fill")
        host.named("write_filled")
        for kind in TABLES:
            _move_kind(host, kind)
        host.check_foreign_keys()


def _move_kind(host: _Host, kind: str) -> None:
    before = host.count(TABLES[kind][1])
    if host.vendor != "mysql":
        host.note_counter(kind)
    host.named(f"{kind}.note")
    noted = host.value(
        "SELECT count(*) FROM restorelog_moved_row WHERE kind = %s AND copy_digest IS NULL",
        [kind],
    )
    host.advance_counter(kind, noted)
    host.named(f"{kind}.insert")
    host.named(f"{kind}.note_copies")
    host.note_counter_after(kind)
    if not FIRST:
        host.carry_over(kind)
    host.refuse_differences(kind, host.count(TABLES[kind][1]) - before - noted)


def _take_back(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Remove the rows that were moved, and put back what was written. Changed rows stop it."""
    host = _Host(schema_editor)
    host.lock()
    if not host.tables() >= ALL_RECORD:
        # An earlier run was killed after it had done this, before Django took note of it.
        if ADDS_COLUMN and TARGET in host.columns_and_indexes()[0]:
            raise MoveRefused("The tables with the record of moved rows are gone.")
        return
    kinds = list(TABLES)
    with host.alone():
        host.settings()
        host.refuse_changes()
        if not FIRST:
            for kind in kinds:
                host.put_back(kind)
        for kind in reversed(kinds):  # restores before their backups
            host.refuse_references(kind)
            host.named(f"{kind}.remove")
        host.named("unfill")
        host.run("DELETE FROM restorelog_moved_row WHERE step = %s", [STEP])
        host.run("DELETE FROM restorelog_filled_row WHERE step = %s", [STEP])
        host.check_foreign_keys()
        resets = [reset for kind in kinds for reset in host.counters_to_reset(kind)]
    for table, value, called in resets:
        host.set_counter(table, value, called)
    # Last: on MySQL, where setting a counter commits, a run that was killed needs these again.
    host.run("DELETE FROM restorelog_moved_counter WHERE step = %s", [STEP])


class _Host:
    """The host's database, and the statements of this migration for its kind."""

    def __init__(self, schema_editor: BaseDatabaseSchemaEditor) -> None:
        self.connection = schema_editor.connection
        self.vendor = self.connection.vendor
        self.sql = SQL[self.vendor]

    def quote(self, name: str) -> str:
        return str(self.connection.ops.quote_name(name))

    def run(self, statement: str, parameters: list[Any] | None = None) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute(statement, parameters)

    def rows(self, statement: str, parameters: list[Any] | None = None) -> list[tuple[Any, ...]]:
        with self.connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            return [tuple(row) for row in cursor.fetchall()]

    def value(self, statement: str, parameters: list[Any] | None = None) -> Any:
        return self.rows(statement, parameters)[0][0]

    def named(self, name: str) -> None:
        self.run(self.sql[name])

    def count(self, table: str) -> int:
        return int(self.value(f"SELECT count(*) FROM {self.quote(table)}"))

    def tables(self) -> set[str]:
        return set(self.connection.introspection.table_names())

    def columns_and_indexes(self) -> tuple[set[str], set[str]]:
        """The names of the columns and of the indexes of the consolidated restores."""
        table, look = TABLES["restore"][1], self.connection.introspection
        with self.connection.cursor() as cursor:
            columns = {one.name for one in look.get_table_description(cursor, table)}
            return columns, set(look.get_constraints(cursor, table))

    # Locks and settings, until the transaction ends.

    def lock(self) -> None:
        """Wait for other writers to end, and keep new ones waiting. Always in the same order."""
        if self.vendor == "sqlite":
            # A statement that writes locks the file; what was read before it might be outdated.
            self.run("DELETE FROM django_migrations WHERE 1 = 0")
        if self.vendor != "postgresql":
            return
        there = self.tables()
        legacy = [self.quote(one) for one, _ in TABLES.values() if one in there]
        consolidated = [self.quote(one) for _, one in TABLES.values()]
        if legacy:
            self.run(f"LOCK TABLE {', '.join(legacy)} IN SHARE MODE")
        # To raise a lock later could be a deadlock with a reader that goes on to write.
        mode = "ACCESS EXCLUSIVE" if ADDS_COLUMN else "SHARE ROW EXCLUSIVE"
        self.run(f"LOCK TABLE {', '.join(consolidated)} IN {mode} MODE")

    @contextmanager
    def alone(self) -> Iterator[None]:
        """MySQL: one transaction, in which every row that is read stays as it is until the end."""
        if self.vendor == "mysql":
            self.run("COMMIT")
            self.run("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE")
        yield
        if self.vendor == "mysql":
            self.run("COMMIT")

    def reserve_ids(self) -> None:
        """MySQL: take the ids before the transaction, since a change of a counter commits."""
        if self.vendor != "mysql":
            return
        for kind, (legacy, consolidated) in TABLES.items():
            self.note_counter(kind)
            base = self._noted_counter(kind)[0][0]
            self.set_counter(consolidated, base + self.count(legacy) + ROOM, False)

    def settings(self) -> None:
        if self.vendor == "postgresql":
            for statement in SETTINGS:
                self.run(statement)

    def check_foreign_keys(self) -> None:
        """Check now what is checked at the end otherwise: PostgreSQL alters no table before."""
        if self.vendor == "postgresql":
            self.run("SET CONSTRAINTS ALL IMMEDIATE")
            self.run("SET CONSTRAINTS ALL DEFERRED")

    # The counters that give new rows their ids.

    def counter(self, table: str) -> tuple[int | None, bool]:
        """The last id that was given, or the next if none was (false). None: never used."""
        if self.vendor == "postgresql":
            name = self._sequence(table)
            value, called = self.rows(f"SELECT last_value, is_called FROM {name}")[0]
            return int(value), bool(called)
        if self.vendor == "sqlite":
            found = self.rows("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
            return (int(found[0][0]), True) if found else (None, True)
        if not getattr(self.connection, "mysql_is_mariadb", False):
            self.run("SET SESSION information_schema_stats_expiry = 0")
        found = self.rows(
            "SELECT auto_increment FROM information_schema.tables"
            " WHERE table_schema = database() AND table_name = %s",
            [table],
        )
        return int(found[0][0] or 1), False

    def set_counter(self, table: str, value: int | None, called: bool) -> None:
        if self.vendor == "postgresql":
            name = self._sequence(table)
            self.run("SELECT setval(%s::regclass, %s, %s)", [name, value, called])
        elif self.vendor == "sqlite" and value is None:
            self.run("DELETE FROM sqlite_sequence WHERE name = %s", [table])
        elif self.vendor == "sqlite":
            self.run("UPDATE sqlite_sequence SET seq = %s WHERE name = %s", [value, table])
        elif value is not None:
            self.run(f"ALTER TABLE {self.quote(table)} AUTO_INCREMENT = {value:d}")

    def hold_counter(self, table: str) -> None:
        """PostgreSQL: nobody gets an id before the transaction ends, and a rollback undoes
        `setval`: after ALTER SEQUENCE it writes to a file that only this transaction sees."""
        if self.vendor == "postgresql":
            name = self._sequence(table)
            cache = self.value(
                "SELECT seqcache FROM pg_sequence WHERE seqrelid = %s::regclass", [name]
            )
            self.run(f"ALTER SEQUENCE {name} CACHE {cache:d}")

    def _sequence(self, table: str) -> str:
        name = self.value("SELECT pg_get_serial_sequence(%s, 'id')", [self.quote(table)])
        if name is None:
            raise MoveRefused(f"{table}.id has no sequence of its own. Nothing was changed.")
        return str(name)

    def _highest(self, table: str) -> int:
        return int(self.value(f"SELECT coalesce(max(id), 0) FROM {self.quote(table)}"))

    def note_counter(self, kind: str) -> None:
        """Note where the counter stands, and the id after which moved rows get theirs."""
        table = TABLES[kind][1]
        self.hold_counter(table)
        value, called = self.counter(table)
        last = 0 if value is None else value if called else value - 1
        base = max(last, self._highest(table), 0)
        if self._noted_counter(kind):  # MySQL: an earlier run was killed after it had committed
            self.run(
                "UPDATE restorelog_moved_counter SET base = %s WHERE kind = %s AND step = %s",
                [base, kind, STEP],
            )
            return
        self.run(
            "INSERT INTO restorelog_moved_counter (kind, step, base, before_value, before_called)"
            " VALUES (%s, %s, %s, %s, %s)",
            [kind, STEP, base, value, int(called)],
        )

    def _noted_counter(self, kind: str) -> list[tuple[Any, ...]]:
        return self.rows(
            "SELECT base, before_value, before_called, after_value FROM restorelog_moved_counter"
            " WHERE kind = %s AND step = %s",
            [kind, STEP],
        )

    def advance_counter(self, kind: str, ids: int) -> None:
        """Take these many ids from the counter. SQLite does so when rows are inserted."""
        base = self._noted_counter(kind)[0][0]
        if self.vendor == "mysql" and base + ids >= (self.counter(TABLES[kind][1])[0] or 0):
            raise MoveRefused("More legacy rows were written meanwhile than ids were reserved.")
        if self.vendor == "postgresql" and ids:
            self.set_counter(TABLES[kind][1], base + ids, True)

    def note_counter_after(self, kind: str) -> None:
        self.run(
            "UPDATE restorelog_moved_counter SET after_value = %s WHERE kind = %s AND step = %s",
            [self.counter(TABLES[kind][1])[0], kind, STEP],
        )

    def counters_to_reset(self, kind: str) -> Iterator[tuple[str, int | None, bool]]:
        """The counter and where it stood, if it has given no id since."""
        table = TABLES[kind][1]
        for _, before, called, after in self._noted_counter(kind):
            self.hold_counter(table)
            last = 0 if before is None else before if called else before - 1
            now = self.counter(table)
            unused = now[0] == after and self._highest(table) <= last
            if unused and now != (before, bool(called)):
                yield table, before, bool(called)

    # What stops a migration.

    def refuse_differences(self, kind: str, unexplained: int) -> None:
        """Compare every moved column of every moved row with its source."""
        legacy, consolidated = TABLES[kind]
        moved = self.value(
            "SELECT count(*) FROM restorelog_moved_row WHERE kind = %s AND last_step = %s",
            [kind, STEP],
        )
        found, *differing = self.rows(self.sql[f"{kind}.compare"])[0]
        wrong = [
            f"{consolidated}.{column} differs in {differing[number]} rows"
            for number, column in enumerate(COLUMNS[kind])
            if differing[number]
        ]
        missing = self.value(self.sql[f"{kind}.not_moved"])
        if missing:
            wrong.append(f"{missing} rows of {legacy} were not moved")
        if found != moved or unexplained:
            wrong.append(f"{consolidated} has {found} copies of {moved} rows")
        if wrong:
            raise MoveRefused(f"{'; '.join(wrong)}. Nothing was changed.")

    def carry_over(self, kind: str) -> None:
        """Write the changes of legacy rows to copies that nobody has changed."""
        found = self._listed(f"{kind}.conflicts", TABLES[kind][0], "changed, and so did the copies")
        if found:
            raise MoveRefused(
                f"{found[0]}. Nothing was changed. Make each row and its copy alike (the ids are "
                "in restorelog_moved_row), then migrate again."
            )
        for name in ("save_copies", "carry_over", "note_carried", "note_copies"):
            self.named(f"{kind}.{name}")

    def put_back(self, kind: str) -> None:
        """Undo `carry_over`."""
        for name in ("put_back", "note_put_back"):
            self.named(f"{kind}.{name}")

    def refuse_changes(self) -> None:
        """Stop if a copy was changed since, or if a value would be lost with the column."""
        restores = TABLES["restore"][1]
        found = [
            line
            for kind, (_, table) in TABLES.items()
            for line in self._listed(f"{kind}.changed", table, "changed or deleted since")
        ]
        found += self._listed("filled_changed", restores, f"{TARGET} changed since")
        if ADDS_COLUMN:
            found += self._listed("column_used", restores, f"{TARGET} written since")
        if found:
            raise MoveRefused(
                f"{'; '.join(found)}. Nothing was changed. Undo these changes; or, if a row is to "
                "stay, delete its entry in restorelog_moved_row or restorelog_filled_row."
            )

    def refuse_references(self, kind: str) -> None:
        """Stop if a row that stays refers to one that would go."""
        table = TABLES[kind][1]
        keys = {}
        for other, column in self.rows(self.sql["inbound"], [table]):
            # PostgreSQL's catalogue gives tables as SQL spells them.
            quoted = other if self.vendor == "postgresql" else self.quote(other)
            keys[f"{other}.{column}".replace('"', "")] = (quoted, self.quote(column))
        if kind == "backup":
            restores = TABLES["restore"][1]
            own = (self.quote(restores), self.quote(BACKUP_COLUMN))
            keys.setdefault(f"{restores}.{BACKUP_COLUMN}", own)
        found = []
        for name, (quoted, column) in keys.items():
            statement = self.sql[f"{kind}.references"].format(table=quoted, column=column)
            count = self.value(statement)
            if count:
                found.append(f"{name} refers to moved rows of {table} in {count} rows")
        if found:
            raise MoveRefused(
                f"{'; '.join(found)}. Nothing was changed. Remove these references, or have them "
                "refer to other rows."
            )

    def _listed(self, name: str, table: str, what: str) -> list[str]:
        """A line on the rows that a statement finds, with the first ids; none if it finds none."""
        rows = self.rows(self.sql[name])
        if not rows:
            return []
        ids = ", ".join(str(key) for key, _ in rows[:LISTED])
        count = rows[0][1]
        more = ", …" if count > len(rows) else ""
        return [f"{table}: {count} rows {what} (id {ids}{more})"]


def _column_operations() -> list[Any]:
    """The new column, also for the models of later migrations."""
    if not ADDS_COLUMN:
        return []
    field: Any = models.CharField(max_length=100, blank=True, default="")
    state: list[Any] = [migrations.AddField("restorelog", TARGET, field)]
    if INDEX:
        index = models.Index(fields=[TARGET], name=INDEX)
        state.append(migrations.AddIndex("restorelog", index))
    return [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(_add_column, _drop_column)],
            state_operations=state,
        )
    ]


class Migration(migrations.Migration):
    dependencies = DEPENDENCIES
    operations = [
        migrations.RunPython(_begin, _end),
        *_column_operations(),
        migrations.RunPython(_move, _take_back),
    ]
