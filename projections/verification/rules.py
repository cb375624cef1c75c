"""What each table must hold, column by column: verification's own statement of the mapping.

Written from the host's schema, not from the projectors; when the two disagree, one is wrong.
"""

from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["integer", "text", "boolean", "time", "person", "extra", "uuid"]
"""`person` is a key of the user table, shown as text; `extra` is the columns nobody named."""

BIGINT: Final = 2**63 - 1
INT: Final = 2**31 - 1


@dataclass(frozen=True)
class Constant:
    """The host has no such column: every row says this."""

    value: str | bool


@dataclass(frozen=True)
class Holds:
    """What a column can hold. `limit` is characters of text, or the largest integer."""

    kind: Kind
    limit: int = 0
    null: bool = False
    smallest: int = -BIGINT - 1


@dataclass(frozen=True)
class Rule:
    """A column of a projection, and the host column that fills it, by the row's origin."""

    column: str
    holds: Holds
    legacy: str | Constant
    consolidated: str | Constant


def _same(column: str, holds: Holds) -> Rule:
    """Both host tables have the column, and under this name."""
    return Rule(column, holds, column, column)


_KEY = Holds("integer", BIGINT)
_WORD = Holds("text", 20)
_TIME = Holds("time")
_TIME_OR_NULL = Holds("time", null=True)

_CONSOLIDATED_RESTORES: Final = (
    _same("id", _KEY),
    _same("name", Holds("text", 255)),
    _same("source_backup_id", Holds("integer", BIGINT, null=True)),
    _same("status", _WORD),
    Rule("restore_type", _WORD, Constant("database"), "restore_type"),
    Rule("trigger_type", _WORD, "restore_method", "trigger_type"),
    _same("target_database", Holds("text", 100)),
    Rule("is_overwrite", Holds("boolean"), Constant(False), "is_overwrite"),
    _same("started_at", _TIME_OR_NULL),
    _same("completed_at", _TIME_OR_NULL),
    _same("duration_seconds", Holds("integer", INT, null=True, smallest=0)),
    _same("message", Holds("text", 2**31)),
    _same("created_by_id", Holds("person", 255, null=True)),
    _same("created_at", _TIME),
    _same("updated_at", _TIME),
)

_LEGACY_RESTORES: Final = (
    _same("id", _KEY),
    _same("name", Holds("text", 255)),
    _same("source_backup_id", Holds("integer", BIGINT, null=True)),
    _same("status", _WORD),
    _same("restore_method", _WORD),
    _same("target_database", Holds("text", 100)),
    _same("started_at", _TIME_OR_NULL),
    _same("completed_at", _TIME_OR_NULL),
    _same("duration_seconds", Holds("integer", INT, null=True, smallest=0)),
    _same("message", Holds("text", 2**31)),
    _same("created_by_id", Holds("person", 255, null=True)),
    _same("created_at", _TIME),
    _same("updated_at", _TIME),
)

_BACKUPS: Final = (
    _same("id", _KEY),
    _same("name", Holds("text", 255, null=True)),
    _same("backup_type", Holds("text", 20, null=True)),
    _same("status", Holds("text", 20, null=True)),
    _same("database_name", Holds("text", 100, null=True)),
    _same("file_path", Holds("text", 500, null=True)),
    _same("size_bytes", Holds("integer", BIGINT, null=True)),
    _same("created_at", _TIME_OR_NULL),
    _same("updated_at", _TIME_OR_NULL),
)

_EXTRA: Final = _same("extra", Holds("extra"))

Origin = Literal["legacy", "consolidated"]
Subject = Literal["restore", "backup"]


@dataclass(frozen=True)
class Table:
    """A projection's table. The host's table of the same `origin` has the same `name`."""

    label: str
    name: str
    origin: Origin
    subject: Subject
    rules: tuple[Rule, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns compared, in order."""
        return tuple(rule.column for rule in self.rules)

    @property
    def named_in_host(self) -> tuple[str, ...]:
        """The host columns that the schema names; any other stands in `extra`."""
        return tuple(rule.column for rule in self.rules if rule.holds.kind not in ("extra", "uuid"))


def _table(
    app: str, model: str, origin: Origin, subject: Subject, rules: tuple[Rule, ...]
) -> Table:
    identity = _same(f"{subject}_id", Holds("uuid"))
    return Table(
        f"{app}.{model}", f"{app}_{model.lower()}", origin, subject, (*rules, _EXTRA, identity)
    )


TABLES: Final = {
    table.label: table
    for table in (
        _table("database_management", "BackupLog", "legacy", "backup", _BACKUPS),
        _table("system_backups", "BackupLog", "consolidated", "backup", _BACKUPS),
        _table("database_management", "RestoreLog", "legacy", "restore", _LEGACY_RESTORES),
        _table("system_backups", "RestoreLog", "consolidated", "restore", _CONSOLIDATED_RESTORES),
    )
}

OPTIONAL_IN_HOST: Final = {
    "restore": frozenset({"source_backup_id", "target_database"}),
    "backup": frozenset(rule.column for rule in _BACKUPS) - {"id"},
}
"""Host columns that may be missing; the rest of those named here may not."""
