"""The foreign keys themselves."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from projections.host_migration.pointers.parts.pointers import ForeignKey, RepointRefused
from projections.host_migration.pointers.parts.sqlite import referring
from projections.host_migration.pointers.parts.statements import Speaking
from projections.host_migration.pointers.parts.values import SQL, STEP, TABLES

# --- The text from here on is the same in every migration. ---


class Redeclaring(Speaking):
    """Has columns refer to another table, by the catalogue of this kind of database."""

    def note_keys(self) -> None:
        """Note how each is declared, and how it will be. On MySQL an earlier run may have."""
        if self.rows("SELECT pointer FROM restorelog_repointed_key WHERE step = %s", [STEP]):
            return
        for one in self.foreign_keys:
            found = self.keys(one)
            if len(found) > 1:
                raise RepointRefused(f"{one.pointer} has several foreign keys to one table.")
            for was_name, was, now in found:
                self.run(
                    "INSERT INTO restorelog_repointed_key (step, pointer, was_name, was_declared,"
                    " now_name, now_declared) VALUES (%s, %s, %s, %s, %s, %s)",
                    [STEP, one.pointer, was_name, was, new_name(one), now],
                )

    def keys(self, one: ForeignKey) -> list[tuple[str, str, str]]:
        """The foreign keys of this column to the legacy table: the name, the declaration, and the
        same with the consolidated table."""
        legacy, consolidated = TABLES[one.kind]
        if self.vendor == "sqlite":
            return [("", legacy, consolidated)]
        if self.vendor == "postgresql":
            quoted = [self.quote(legacy), self.quote(consolidated)]
            ((was, now),) = self.rows("SELECT %s::regclass::text, %s::regclass::text", quoted)
            found = self.rows(
                SQL["postgresql_keys"], [self.quote(one.table), one.column, quoted[0]]
            )
            before, after = f" REFERENCES {was}(", f" REFERENCES {now}("
            return [(name, text, text.replace(before, after, 1)) for name, text in found]
        declared = "FOREIGN KEY ({}) REFERENCES {} (id) ON DELETE {} ON UPDATE {}"
        column = self.quote(one.column)
        return [
            (
                name,
                declared.format(column, self.quote(legacy), on_delete, on_update),
                declared.format(column, self.quote(consolidated), on_delete, on_update),
            )
            for name, on_delete, on_update in self.rows(
                SQL["mysql_keys"], [one.table, one.column, legacy]
            )
        ]

    def noted(self, *columns: str) -> Iterator[tuple[ForeignKey, list[str]]]:
        """These columns of the record, for each foreign key that was changed."""
        listed = ", ".join(columns)
        found = {
            pointer: [str(value) for value in values]
            for pointer, *values in self.rows(
                f"SELECT pointer, {listed} FROM restorelog_repointed_key WHERE step = %s", [STEP]
            )
        }
        for one in self.foreign_keys:
            if one.pointer in found:
                yield one, found[one.pointer]

    def drop_keys(self, column: str) -> None:
        for one, (name,) in self.noted(column):
            # On MySQL an earlier run may have been killed after this one.
            if self.vendor != "sqlite" and self.is_key(one.table, name):
                what = "FOREIGN KEY" if self.vendor == "mysql" else "CONSTRAINT"
                self.run(f"ALTER TABLE {self.quote(one.table)} DROP {what} {self.quote(name)}")

    def add_keys(self, *columns: str) -> None:
        if self.vendor == "postgresql":
            # What is checked at the end otherwise is checked now: no table is altered before.
            self.run("SET CONSTRAINTS ALL IMMEDIATE")
            self.run("SET CONSTRAINTS ALL DEFERRED")
        for one, (name, declared) in self.noted(*columns):
            if self.vendor == "sqlite":
                self.refer(one, declared)
            elif not self.is_key(one.table, name):
                quoted = self.quote(name)
                self.run(f"ALTER TABLE {self.quote(one.table)} ADD CONSTRAINT {quoted} {declared}")

    def is_key(self, table: str, name: str) -> bool:
        """MySQL gives an index the name of the key that it was made for."""
        found = self.constraints(table).get(name)
        return found is not None and bool(found["foreign_key"])

    def refer(self, one: ForeignKey, table: str) -> None:
        """SQLite: have a column refer to this table. No row has to be written for it, see "Making
        Other Kinds Of Table Schema Changes" in https://www.sqlite.org/lang_altertable.html."""
        other = next(name for name in TABLES[one.kind] if name != table)
        ((text,),) = self.rows(
            "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = %s", [one.table]
        )
        expected = self.declared(one, other, table)
        ((version,),) = self.rows("PRAGMA schema_version")
        self.run("PRAGMA writable_schema = ON")
        self.run(
            "UPDATE sqlite_master SET sql = %s WHERE type = 'table' AND name = %s",
            [referring(text, one.column, other, table), one.table],
        )
        self.run(f"PRAGMA schema_version = {int(version) + 1}")
        self.run("PRAGMA writable_schema = RESET")
        if self.declared(one, other, table) != expected:
            raise RepointRefused(f"{one.pointer} could not be changed. Nothing was changed.")

    def declared(self, one: ForeignKey, old: str, new: str) -> tuple[list[Any], list[Any]]:
        """SQLite: the table's columns, and its foreign keys as they are to be."""
        table = self.quote(one.table)
        keys = []
        for key in self.rows(f"PRAGMA foreign_key_list({table})"):
            number, place, to, column, *rest = key
            if column.lower() == one.column.lower() and to.lower() == old.lower():
                to = new
            keys.append((number, place, to, column, *rest))
        return self.rows(f"PRAGMA table_xinfo({table})"), keys


def new_name(one: ForeignKey) -> str:
    """The name of a foreign key that no other has, at most as long as any database allows."""
    plain = one.pointer.replace(".", "_").encode("ascii", "ignore").decode()
    return f"{plain[:40]}_{sha256(one.pointer.encode()).hexdigest()[:8]}_restorelog_fk"
