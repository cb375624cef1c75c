"""The counters that give new rows their ids."""

from __future__ import annotations

from typing import Any

from projections.host_migration.template.constants import STEP, TABLES
from projections.host_migration.template.database import HostDatabase, MoveRefused

# --- The text from here on is the same in every migration. ---

ROOM = 1_000
"""MySQL: ids that are reserved for legacy rows written while a migration is under way."""


class IdCounters:
    """The counters that give new rows of the consolidated tables their ids."""

    def __init__(self, host: HostDatabase) -> None:
        self.host = host
        self.vendor = host.vendor

    def reserve(self, kind: str, ids: int) -> None:
        """MySQL: take ids before the transaction, since a change of a counter commits."""
        if self.vendor != "mysql":
            return
        legacy, consolidated = TABLES[kind]
        limit = self._limit(kind)
        if limit and limit - self._last_taken(kind) > ids:
            return
        while True:
            self._note(kind)
            base = self._noted(kind)[0][0]
            limit = base + max(ids, self.host.count(legacy)) + ROOM
            self._set(consolidated, limit, False)
            self._note_after(kind)
            between = f"SELECT id FROM {self.host.quote(consolidated)} WHERE id > %s AND id < %s"
            if not self.host.rows(f"{between} LIMIT 1", [base, limit]):
                return  # else another program was given one of these ids just before

    def take(self, kind: str, ids: int) -> None:
        """Have the next rows get these many ids, and nobody else. SQLite counts by itself."""
        if self.vendor == "mysql":
            base = self._last_taken(kind)
            if base + ids >= self._limit(kind):
                raise MoveRefused(["more legacy rows were written than ids were reserved"])
            self._set_base(kind, base)
            return
        self._note(kind)
        if self.vendor == "postgresql":
            self._set(TABLES[kind][1], self._noted(kind)[0][0] + ids, True)

    def taken(self, kind: str) -> None:
        """Note where the counter stands once the rows are there."""
        if self.vendor != "mysql":
            self._note_after(kind)

    def put_back(self) -> None:
        """Have each counter stand where it stood, if it has given no id but to moved rows."""
        for kind, (_, table) in TABLES.items():
            for _, before, called, after in self._noted(kind):
                self._hold(table)
                last = 0 if before is None else before if called else before - 1
                now = self._counter(table)
                unused = called is not None and now[0] == after and self._highest(table) <= last
                if unused and now != (before, bool(called)):
                    self._set(table, before, bool(called))
        self.host.run("DELETE FROM restorelog_moved_counter WHERE step = %s", [STEP])

    # Where a counter stands.

    def _counter(self, table: str) -> tuple[int | None, bool]:
        """The last id that was given, or the next if none was (false). None: never used."""
        host = self.host
        if self.vendor == "postgresql":
            name = self._sequence(table)
            value, called = host.rows(f"SELECT last_value, is_called FROM {name}")[0]
            return int(value), bool(called)
        if self.vendor == "sqlite":
            found = host.rows("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
            return (int(found[0][0]), True) if found else (None, True)
        if not getattr(host.connection, "mysql_is_mariadb", False):
            host.run("SET SESSION information_schema_stats_expiry = 0")
        found = host.rows(
            "SELECT auto_increment FROM information_schema.tables"
            " WHERE table_schema = database() AND table_name = %s",
            [table],
        )
        return int(found[0][0] or 1), False

    def _set(self, table: str, value: int | None, called: bool) -> None:
        host = self.host
        if self.vendor == "postgresql":
            host.rows("SELECT setval(%s::regclass, %s, %s)", [self._sequence(table), value, called])
        elif self.vendor == "sqlite" and value is None:
            host.run("DELETE FROM sqlite_sequence WHERE name = %s", [table])
        elif self.vendor == "sqlite":
            host.run("UPDATE sqlite_sequence SET seq = %s WHERE name = %s", [value, table])
        elif value is not None:
            host.run(f"ALTER TABLE {host.quote(table)} AUTO_INCREMENT = {value:d}")

    def _hold(self, table: str) -> None:
        """PostgreSQL: nobody gets an id before the transaction ends, and a rollback undoes
        `setval`: after ALTER SEQUENCE it writes to a file that only this transaction sees."""
        if self.vendor == "postgresql":
            name = self._sequence(table)
            cache = self.host.value(
                "SELECT seqcache FROM pg_sequence WHERE seqrelid = %s::regclass", [name]
            )
            self.host.run(f"ALTER SEQUENCE {name} CACHE {cache:d}")

    def _sequence(self, table: str) -> str:
        quoted = self.host.quote(table)
        name = self.host.value("SELECT pg_get_serial_sequence(%s, 'id')", [quoted])
        if name is None:
            raise MoveRefused([f"{table}.id has no sequence of its own"])
        return str(name)

    def _highest(self, table: str) -> int:
        return int(self.host.value(f"SELECT coalesce(max(id), 0) FROM {self.host.quote(table)}"))

    # What the record says of it: `base` is the id after which moved rows get theirs.

    def _note(self, kind: str) -> None:
        """Note where the counter stands. If it gave ids to others, it is never put back."""
        table = TABLES[kind][1]
        self._hold(table)
        value, called = self._counter(table)
        last = 0 if value is None else value if called else value - 1
        base = max(last, self._highest(table), 0)
        for _, _, _, after in self._noted(kind):
            self._set_base(kind, base)
            if after not in (None, value):
                self.host.run(
                    "UPDATE restorelog_moved_counter SET before_called = NULL"
                    " WHERE kind = %s AND step = %s",
                    [kind, STEP],
                )
            return
        self.host.run(
            "INSERT INTO restorelog_moved_counter (kind, step, base, before_value, before_called)"
            " VALUES (%s, %s, %s, %s, %s)",
            [kind, STEP, base, value, int(called)],
        )

    def _noted(self, kind: str) -> list[tuple[Any, ...]]:
        return self.host.rows(
            "SELECT base, before_value, before_called, after_value FROM restorelog_moved_counter"
            " WHERE kind = %s AND step = %s",
            [kind, STEP],
        )

    def _set_base(self, kind: str, base: int) -> None:
        self.host.run(
            "UPDATE restorelog_moved_counter SET base = %s WHERE kind = %s AND step = %s",
            [base, kind, STEP],
        )

    def _note_after(self, kind: str) -> None:
        self.host.run(
            "UPDATE restorelog_moved_counter SET after_value = %s WHERE kind = %s AND step = %s",
            [self._counter(TABLES[kind][1])[0], kind, STEP],
        )

    def _limit(self, kind: str) -> int:
        """MySQL: the first id that is not reserved; 0 if none was."""
        noted = self._noted(kind)
        return int(noted[0][3] or 0) if noted else 0

    def _last_taken(self, kind: str) -> int:
        """MySQL: the last of the reserved ids that a moved row has."""
        highest = "SELECT coalesce(max(consolidated_id), 0) FROM restorelog_moved_row"
        taken = self.host.value(f"{highest} WHERE kind = %s", [kind])
        return int(max(taken, self._noted(kind)[0][0]))
