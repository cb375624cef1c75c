"""The expected schema of each table: verification's own statement of the mapping.

It was written from the host's schema, not from the projectors; if the two disagree, one is wrong.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal

Kind = Literal["integer", "text", "boolean", "time", "person", "extra", "uuid"]
"""`person` is a key of the user table, shown as text; `extra` has the columns not named here."""

BIGINT: Final = 2**63 - 1
INT: Final = 2**31 - 1


@dataclass(frozen=True)
class Constant:
    """The host has no such column: every one of its rows has this value."""

    value: str | bool | None


@dataclass(frozen=True)
class Assumed:
    """Every row has this value if the host has no column of the target's name or another for it."""

    value: str | bool


@dataclass(frozen=True)
class Fallback:
    """The host's column of the target's own name if it exists, else this one."""

    column: str


@dataclass(frozen=True)
class Computed:
    """The host has no such column: verification computes it for each row.

    `stream` is the row's UUID and `backup` that of its backup, each by host, table and key;
    `username` is the name of the user that `created_by_id` points to, `version` the number of the
    last event of the row's stream, and `amended` lists the columns that were amended here.
    """

    what: Literal["stream", "backup", "username", "version", "amended"]


Source = str | Constant | Assumed | Fallback | Computed
"""The source of a column: a host column by its name, or none."""


@dataclass(frozen=True)
class ColumnKind:
    """The values that a column can hold. `limit` is characters of text, or the largest integer."""

    kind: Kind
    limit: int = 0
    null: bool = False
    smallest: int = -BIGINT - 1


@dataclass(frozen=True)
class Rule:
    """A column of a projection, and the host column that fills it, by the row's origin."""

    column: str
    holds: ColumnKind
    legacy: Source
    consolidated: Source

    def source(self, origin: str) -> Source:
        """The column's source in rows from the host's table of this origin."""
        return self.legacy if origin == "legacy" else self.consolidated


def _same(column: str, holds: ColumnKind) -> Rule:
    """A column that both host tables have, under this name."""
    return Rule(column, holds, column, column)


def _computed(column: str, holds: ColumnKind, computed: Computed) -> Rule:
    """A column that only the service has, computed in the same way for every row."""
    return Rule(column, holds, computed, computed)


_KEY = ColumnKind("integer", BIGINT)
_WORD = ColumnKind("text", 20)
_TIME = ColumnKind("time")
_TIME_OR_NULL = ColumnKind("time", null=True)

_CONSOLIDATED_RESTORES: Final = (
    _same("id", _KEY),
    _same("name", ColumnKind("text", 255)),
    _same("source_backup_id", ColumnKind("integer", BIGINT, null=True)),
    _same("status", _WORD),
    Rule("restore_type", _WORD, Assumed("database"), "restore_type"),
    Rule("trigger_type", _WORD, Fallback("restore_method"), "trigger_type"),
    _same("target_database", ColumnKind("text", 100)),
    Rule("is_overwrite", ColumnKind("boolean"), Assumed(False), "is_overwrite"),
    _same("started_at", _TIME_OR_NULL),
    _same("completed_at", _TIME_OR_NULL),
    _same("duration_seconds", ColumnKind("integer", INT, null=True, smallest=0)),
    _same("message", ColumnKind("text", 2**31)),
    _same("created_by_id", ColumnKind("person", 255, null=True)),
    _same("created_at", _TIME),
    _same("updated_at", _TIME),
)

_LEGACY_RESTORES: Final = (
    _same("id", _KEY),
    _same("name", ColumnKind("text", 255)),
    _same("source_backup_id", ColumnKind("integer", BIGINT, null=True)),
    _same("status", _WORD),
    _same("restore_method", _WORD),
    _same("target_database", ColumnKind("text", 100)),
    _same("started_at", _TIME_OR_NULL),
    _same("completed_at", _TIME_OR_NULL),
    _same("duration_seconds", ColumnKind("integer", INT, null=True, smallest=0)),
    _same("message", ColumnKind("text", 2**31)),
    _same("created_by_id", ColumnKind("person", 255, null=True)),
    _same("created_at", _TIME),
    _same("updated_at", _TIME),
)

_BACKUPS: Final = (
    _same("id", _KEY),
    _same("name", ColumnKind("text", 255, null=True)),
    _same("backup_type", ColumnKind("text", 20, null=True)),
    _same("status", ColumnKind("text", 20, null=True)),
    _same("database_name", ColumnKind("text", 100, null=True)),
    _same("file_path", ColumnKind("text", 500, null=True)),
    _same("size_bytes", ColumnKind("integer", BIGINT, null=True)),
    _same("created_at", _TIME_OR_NULL),
    _same("updated_at", _TIME_OR_NULL),
)

_ORIGIN: Final = Rule(
    "origin", ColumnKind("text", 12), Constant("legacy"), Constant("consolidated")
)
_VERSION: Final = _computed("version", ColumnKind("integer", INT), Computed("version"))
_EXTRA: Final = _same("extra", ColumnKind("extra"))

_OF_THE_SERVICE: Final = (
    Rule("validation", ColumnKind("text", 20, null=True), Constant(None), Constant(None)),
    Rule(
        "warnings_count",
        ColumnKind("integer", INT, null=True, smallest=0),
        Constant(None),
        Constant(None),
    ),
)
"""What the consolidated table alone says, of restores that this service recorded."""

_OF_RESTORES: Final = (
    _computed("restore_id", ColumnKind("uuid"), Computed("stream")),
    _computed("backup_id", ColumnKind("uuid", null=True), Computed("backup")),
    _computed("created_by_username", ColumnKind("text", 255, null=True), Computed("username")),
    _ORIGIN,
    _VERSION,
    _computed("amended", ColumnKind("text", 2**31), Computed("amended")),
    _EXTRA,
)
_OF_BACKUPS: Final = (
    _computed("backup_id", ColumnKind("uuid"), Computed("stream")),
    _ORIGIN,
    _VERSION,
    _EXTRA,
)

Origin = Literal["legacy", "consolidated"]
Subject = Literal["restore", "backup"]


@dataclass(frozen=True)
class ExpectedTable:
    """A projection's table. The host's table of the same `origin` has the same `name`."""

    label: str
    name: str
    origin: Origin
    subject: Subject
    rules: tuple[Rule, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The compared columns, in order: all columns of the table."""
        return tuple(rule.column for rule in self.rules)

    @property
    def named_in_host(self) -> tuple[str, ...]:
        """The host columns that the schema names; all others are in `extra`."""
        return tuple(rule.column for rule in self.rules if _is_named(rule.source(self.origin)))

    @property
    def key(self) -> str:
        """The column that holds the UUID of the row's stream."""
        return f"{self.subject}_id"

    @cached_property
    def numbers(self) -> dict[str, int]:
        """The number of each column."""
        return {column: number for number, column in enumerate(self.columns)}


def _is_named(source: Source) -> bool:
    return isinstance(source, str) and source != _EXTRA.column


def _table(
    app: str, model: str, origin: Origin, subject: Subject, rules: tuple[Rule, ...]
) -> ExpectedTable:
    own = _OF_RESTORES if subject == "restore" else _OF_BACKUPS
    if (origin, subject) == ("consolidated", "restore"):
        own = (*own, *_OF_THE_SERVICE)
    return ExpectedTable(
        f"{app}.{model}", f"{app}_{model.lower()}", origin, subject, (*rules, *own)
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
"""Host columns that may be missing; the others named here must exist."""
