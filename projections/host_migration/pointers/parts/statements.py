"""The statements, filled in."""

from __future__ import annotations

from collections.abc import Iterator

from projections.host_migration.pointers.parts.pointers import ForeignKey, Generic, Grants
from projections.host_migration.pointers.parts.record import Noting
from projections.host_migration.pointers.parts.values import MODELS, SQL, STEP, TABLES

# --- The text from here on is the same in every migration. ---


class Speaking(Noting):
    """Fills the statements in, as this kind of database spells them."""

    def named(self, name: str, one: ForeignKey | Generic | Grants, kind: str, **more: str) -> str:
        """A statement on one pointer."""
        legacy, consolidated = TABLES[kind]
        table = self.quote(one.table)
        parts = {
            "step": str(STEP),
            "pointer": one.pointer.replace("'", "''"),
            "kind": kind,
            "table": table,
            "key": self.as_text(f"{table}.{self.quote(one.key)}") if one.key else "NULL",
            "legacy": self.quote(legacy),
            "consolidated": self.quote(consolidated),
        }
        if not isinstance(one, ForeignKey):
            was, now = self.types(kind)
            parts["was_type"] = "NULL" if was is None else str(was)
            parts["now_type"] = "NULL" if now is None else str(now)
        match one:
            case ForeignKey():
                parts["column"] = self.quote(one.column)
            case Generic():
                parts["type_column"] = self.quote(one.type_column)
                parts["object_column"] = self.quote(one.object_column)
                parts["number"] = self.number(one)
                parts["now"] = self.as_text("r.now") if one.is_text else "r.now"
                parts["legacy_id"] = self.as_text("m.legacy_id") if one.is_text else "m.legacy_id"
            case Grants():
                parts["holder"] = self.quote(one.holder)
                parts["permission"] = self.quote(one.permission)
        return SQL[name].format(**{**parts, **more})

    def as_text(self, value: str) -> str:
        if self.vendor == "mysql":
            return f"CONVERT(CAST({value} AS CHAR) USING utf8mb4) COLLATE utf8mb4_bin"
        return f"CAST({value} AS text)"

    def number(self, one: Generic) -> str:
        """The id that a row names. Text counts only if it is written as the id itself is."""
        value = f"{self.quote(one.table)}.{self.quote(one.object_column)}"
        if not one.is_text:
            return value
        test, whole = {
            "postgresql": (f"{value} ~ '^[1-9][0-9]*$' AND length({value}) < 19", "bigint"),
            "sqlite": (
                f"{value} GLOB '[1-9]*' AND {value} NOT GLOB '*[^0-9]*' AND length({value}) < 19",
                "integer",
            ),
            "mysql": (
                f"{value} REGEXP '^[1-9]' AND {value} NOT REGEXP '[^0-9]'"
                f" AND char_length({value}) < 19",
                "SIGNED",
            ),
        }[self.vendor]
        return f"CASE WHEN {test} THEN CAST({value} AS {whole}) END"

    def types(self, kind: str) -> tuple[int | None, int | None]:
        """The ids of the content types of the legacy and of the consolidated model."""
        found = []
        for app, model in MODELS[kind]:
            rows = self.rows(
                "SELECT id FROM django_content_type WHERE app_label = %s AND model = %s",
                [app, model],
            )
            found.append(int(rows[0][0]) if rows else None)
        return found[0], found[1]

    def typed(self) -> Iterator[str]:
        """The kinds of which both models have a content type."""
        for kind in TABLES:
            if (self.generic or self.grants) and None not in self.types(kind):
                yield kind
