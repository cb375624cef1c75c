"""What stops the migration before it has changed anything."""

from __future__ import annotations

from collections.abc import Iterator

from projections.host_migration.pointers.parts.keys import Redeclaring
from projections.host_migration.pointers.parts.pointers import BACK, FORTH, Generic, RepointRefused
from projections.host_migration.pointers.parts.values import MODELS, TABLES

# --- The text from here on is the same in every migration. ---


class Refusing(Redeclaring):
    """Finds what could not be translated, or would be lost."""

    def refuse_what_has_no_copy(self) -> None:
        """Stop unless everything that refers to a legacy row can refer to its copy."""
        keys = {one.pointer: one.key for one in self.generic}
        keys |= {one.pointer: one.key for one in self.grants}
        found = [
            f"{pointer}: its table has no primary key of one column"
            for pointer, key in keys.items()
            if not key
        ]
        for one in self.foreign_keys:
            legacy, consolidated = TABLES[one.kind]
            what = f"rows refer to rows of {legacy} that have no copy"
            found += self.listed(
                self.named(
                    "key_without_counterpart", one, one.kind,
                    here="legacy_id", there="consolidated_id", other=self.quote(consolidated),
                ),
                one.pointer, what,
            )  # fmt: skip
        for kind in TABLES:
            was, now = self.types(kind) if self.generic or self.grants else (None, None)
            if was is not None and now is None and self.refers_to_type(kind):
                app, model = MODELS[kind][1]
                found.append(f"there is no content type of {app}.{model}")
        for kind in self.typed():
            for generic in self.generic:
                if kind == "restore":
                    what = f"rows refer to rows of {TABLES[kind][0]} that have no copy"
                    found += self.listed(
                        self.named("generic_not_moved", generic, kind), generic.pointer, what
                    )
                found += self.taken(generic, kind, FORTH)
        if found:
            raise RepointRefused(
                f"{'; '.join(found)}. Nothing was changed. First move the other legacy rows "
                "by a further migration, and remove one of two rows that would be the same. Or "
                "leave the column out, so that it goes on referring to legacy rows. The page "
                "beside this migration says how."
            )

    def refuse_what_changed(self) -> None:
        """Stop if a row that was re-pointed refers to something else now, or if a row cannot refer
        to a legacy row."""
        found: list[str] = []
        if not self.has_legacy_tables():
            raise RepointRefused("The legacy tables are gone. Nothing was changed.")
        changed = "rows were re-pointed and refer to something else now"
        for one in self.foreign_keys:
            if one.key:
                found += self.listed(self.named("key_changed", one, one.kind), one.pointer, changed)
            legacy, consolidated = TABLES[one.kind]
            what = f"rows refer to rows of {consolidated} that are no copies of {legacy}"
            found += self.listed(
                self.named(
                    "key_without_counterpart", one, one.kind,
                    here="consolidated_id", there="legacy_id", other=self.quote(legacy),
                ),
                one.pointer, what,
            )  # fmt: skip
        for kind in self.typed():
            for generic in self.generic:
                found += self.listed(
                    self.named("generic_changed", generic, kind), generic.pointer, changed
                )
                found += self.taken(generic, kind, BACK)
        if found:
            raise RepointRefused(
                f"{'; '.join(found)}. Nothing was changed. Undo these changes; or, if a row that "
                "was re-pointed is to stay as it is, delete its entry in restorelog_repointed_row."
            )

    def refers_to_type(self, kind: str) -> bool:
        """Whether a row has the content type of the legacy model."""
        return any(
            self.value(self.named("generic_left", generic, kind)) for generic in self.generic
        ) or any(self.value(self.named("grants_left", grants, kind)) for grants in self.grants)

    def taken(self, one: Generic, kind: str, way: tuple[str, str]) -> Iterator[str]:
        """Rows that would be the same as another, where a table allows each only once."""
        here, there = way
        here_type, there_type = self.types(kind)[:: 1 if way == FORTH else -1]
        value = self.as_text(f"m.{there}") if one.is_text else f"m.{there}"
        for found in self.constraints(one.table).values():
            columns = found["columns"] or ()
            if not found["unique"] or one.object_column not in columns:
                continue
            same = []
            for column in columns:
                quoted = self.quote(column)
                other = f"{self.quote(one.table)}.{quoted}"
                if column == one.object_column:
                    other = value
                elif column == one.type_column:
                    other = str(there_type)
                same.append(f"y.{quoted} = {other}")
            statement = self.named(
                "generic_taken", one, kind,
                here=here, here_type=str(here_type), same=" AND ".join(same),
            )  # fmt: skip
            what = "rows would be the same as another row"
            yield from self.listed(statement, one.pointer, what)
