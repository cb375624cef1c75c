"""The rows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from projections.host_migration.pointers.parts.pointers import BACK, FORTH, ForeignKey
from projections.host_migration.pointers.parts.refusals import Refusing
from projections.host_migration.pointers.parts.values import STEP

# --- The text from here on is the same in every migration. ---


class Repointing(Refusing):
    """Has rows refer to their copies, and back."""

    def change_rows(self) -> None:
        for one in self.foreign_keys:
            repointed = self.value(
                f"SELECT count({self.quote(one.column)}) FROM {self.quote(one.table)}"
            )
            if one.key:
                self.run(self.named("note_key_rows", one, one.kind))
            self.change_key(one, FORTH)
            self.count(one.pointer, one.kind, "foreign key", repointed, 0)
        for kind in self.typed():
            for generic in self.generic:
                for name in ("note_generic_there", "note_generic_rows", "repoint_generic"):
                    self.run(self.named(name, generic, kind))
                left = self.value(self.named("generic_left", generic, kind))
                repointed = self.value(self.named("counted", generic, kind))
                self.count(generic.pointer, kind, generic.what, repointed, left)
            for grants in self.grants:
                for name in ("note_grants_there", "give", "note_grants"):
                    self.run(self.named(name, grants, kind))
                left = self.value(self.named("grants_left", grants, kind))
                repointed = self.value(self.named("counted", grants, kind))
                self.count(grants.pointer, kind, "permission", repointed, left)

    def change_rows_back(self) -> None:
        for one in self.foreign_keys:
            self.tell_back("foreign key", one.pointer, one.kind, self.change_key(one, BACK))
        for kind in self.typed():
            for generic in self.generic:
                back = self.run(self.named("put_back_generic", generic, kind))
                self.tell_back(generic.what, generic.pointer, kind, back)
            for grants in self.grants:
                back = self.run(self.named("take_back_grants", grants, kind))
                self.tell_back("permission", grants.pointer, kind, back)
        for table in ("restorelog_repointed", "restorelog_repointed_row"):
            self.run(f"DELETE FROM {table} WHERE step = %s", [STEP])

    def change_key(self, one: ForeignKey, way: tuple[str, str]) -> int:
        """Write the ids of the counterparts. Where each may occur once, an id that is not yet
        replaced may be the new one of another row: so they are negative until all are written."""
        unique = any(
            found["unique"] and one.column in (found["columns"] or ())
            for found in self.constraints(one.table).values()
        )
        here, there = way
        sign = "-" if unique else ""
        statement = self.named("repoint_key", one, one.kind, here=here, there=there, sign=sign)
        changed = self.run(statement)
        if unique:
            self.run(self.named("positive", one, one.kind))
        return changed

    @contextmanager
    def alone(self) -> Iterator[None]:
        """MySQL: one transaction, since each change of a foreign key commits by itself. If it
        fails, the foreign keys are put back."""
        if self.vendor != "mysql":
            yield
            return
        self.run("COMMIT")
        self.run("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE")
        forward = not self.has_counts()
        try:
            if forward:
                self.refuse_what_has_no_copy()
            else:
                self.refuse_what_changed()
            yield
        except Exception:
            self.run("ROLLBACK")
            if forward:
                self.add_keys("was_name", "was_declared")
                self.forget()
            else:
                self.add_keys("now_name", "now_declared")
            raise
        self.run("COMMIT")
