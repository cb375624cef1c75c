"""What the four tables must show of an origin host: its own values, read with plain SQL.

Written down here once more, column by column, and not taken from the code: which of the host's
columns fill which column of a table. Every column that none of them is stands in `extra`.
"""

import json
from collections import defaultdict
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from tests.support import raw

OFFSET = 10**12
"""What separates the ids of legacy rows from others in the consolidated tables."""

Row = dict[str, Any]

RESTORE = ("name", "status", "started_at", "completed_at", "duration_seconds", "message",
           "created_by_id", "created_at", "updated_at")  # fmt: skip
BACKUP = ("name", "backup_type", "status", "created_at", "updated_at")
TIMES = {"started_at", "completed_at", "created_at", "updated_at"}
BOOLEANS = {"is_overwrite", "is_encrypted", "is_compressed"}
OF_THE_LOG = {"restore_id", "backup_id", "version"}
"""Random, or counted by the log; `assert_the_logs_own` looks at them."""


class Source(NamedTuple):
    """How the rows of one host table stand in one of the tables."""

    host: str
    origin: str
    filled: dict[str, tuple[str, ...]]
    """Column of the table to the host's columns: the first that is not NULL."""
    moved: int = 0
    """What is added to the host's ids."""
    given: Row = {}
    """Columns that the host has nothing for."""


def same(*names: str) -> dict[str, tuple[str, ...]]:
    return {name: (name,) for name in names}


LEGACY_BACKUP = same(*BACKUP, "database_name", "file_path") | {"size_bytes": ("file_size",)}
BACKUPS = {
    "database_management_backuplog": [
        Source("database_management_backuplog", "legacy", LEGACY_BACKUP)
    ],
    "system_backups_backuplog": [
        Source(
            "system_backups_backuplog",
            "consolidated",
            same(*BACKUP)
            | {"size_bytes": ("file_size",), "file_path": ("local_path", "cloud_url")},
            given={"database_name": None},
        ),
        Source("database_management_backuplog", "legacy", LEGACY_BACKUP, moved=OFFSET),
    ],
}
RESTORES = {
    "database_management_restorelog": [
        Source(
            "database_management_restorelog",
            "legacy",
            same(*RESTORE, "restore_method", "target_database"),
        )
    ],
    "system_backups_restorelog": [
        Source(
            "system_backups_restorelog",
            "consolidated",
            same(*RESTORE, "restore_type", "trigger_type", "is_overwrite"),
            given={"target_database": ""},
        ),
        Source(
            "database_management_restorelog",
            "legacy",
            same(*RESTORE, "target_database", "is_overwrite")
            | {"trigger_type": ("restore_method",)},
            moved=OFFSET,
            given={"restore_type": "database"},
        ),
    ],
}


def shown(service: str) -> dict[str, dict[int, Row]]:
    """What the service's four tables hold, by table and id."""
    return {
        name: {row["id"]: _found(row) for row in _table(service, name)}
        for name in (*BACKUPS, *RESTORES)
    }


def due(host: str, *, cut_over: bool) -> dict[str, dict[int, Row]]:
    """What they must hold, computed from the host's rows alone."""
    names = dict(raw.rows(host, "SELECT id, username FROM users_user"))
    databases = dict(raw.rows(host, "SELECT id, database_name FROM database_management_backuplog"))
    return {
        table: {
            row["id"] + source.moved: _due(table, source, row, names, databases)
            for source in sources
            if cut_over or not source.moved
            for row in _table(host, source.host)
        }
        for table, sources in (BACKUPS | RESTORES).items()
    }


def assert_the_logs_own(service: str) -> None:
    """Each row names its own stream and its backup's, and counts the events of its own."""
    events = {
        str(stream).replace("-", ""): count
        for stream, count in raw.rows(
            service, "SELECT stream_id, count(*) FROM event_store_event GROUP BY stream_id"
        )
    }
    found: dict[str, set[str]] = defaultdict(set)
    for restores, backups in zip(RESTORES, BACKUPS, strict=True):
        by_id = {row["id"]: row for row in _table(service, backups)}
        for row in by_id.values():
            found[backups].add(_key(row["backup_id"]))
            assert row["version"] == events[_key(row["backup_id"])]
        for row in _table(service, restores):
            found[restores].add(_key(row["restore_id"]))
            assert row["version"] == events[_key(row["restore_id"])]
            assert row["backup_id"] == by_id[row["source_backup_id"]]["backup_id"]
        assert len(found[backups]) == len(by_id)


def _key(stream: Any) -> str:
    return str(stream).replace("-", "")


def _due(
    table: str, source: Source, row: Row, names: dict[Any, str], databases: dict[Any, str]
) -> Row:
    """One of the host's rows, as the table must show it."""
    used = {"id"}
    result: Row = dict(source.given)
    for target, columns in source.filled.items():
        result[target] = None
        says = [column for column in columns if row[column] is not None]
        if says:
            result[target] = _plain(says[0], row[says[0]])
        used |= {*columns} - {*says[1:]}
    if table in RESTORES:
        used.add("source_backup_id")
        result["source_backup_id"] = row["source_backup_id"] + source.moved
        result["created_by_username"] = names.get(row["created_by_id"])
        result["created_by_id"] = (
            None if row["created_by_id"] is None else str(row["created_by_id"])
        )
        result["amended"] = []
        if table == "system_backups_restorelog":
            # A host has no word about these: they are recorded here.
            result |= {"validation": None, "warnings_count": None}
        if source.moved and result["target_database"] == "":
            result["target_database"] = databases[row["source_backup_id"]]
    others = {column: _plain(column, value) for column, value in row.items() if column not in used}
    return result | {"origin": source.origin, "extra": others}


def _found(row: Row) -> Row:
    """One row of a table of the service's, without its keys."""
    extra = {column: _plain(column, _read(v)) for column, v in json.loads(row["extra"]).items()}
    rest = {
        column: json.loads(value) if column == "amended" else _plain(column, value)
        for column, value in row.items()
        if column not in OF_THE_LOG | {"id", "extra"}
    }
    return rest | {"extra": extra}


def _read(value: Any) -> Any:
    """A value of `extra`: what JSON cannot say exactly is tagged."""
    if isinstance(value, dict):
        assert set(value) == {"$", "v"}
        return value["v"]
    return value


def _plain(column: str, value: Any) -> Any:
    """One form for what three drivers and JSON say: times as UTC with microseconds."""
    if value is None:
        return None
    if column in TIMES:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    if column in BOOLEANS:
        assert value in (0, 1)
        return bool(value)
    return value.isoformat() if isinstance(value, date) else value


def _table(url: str, name: str) -> list[Row]:
    with raw.connect(url) as connection:
        cursor = connection.cursor()
        cursor.execute(f"SELECT * FROM {name} ORDER BY id")
        columns = [column[0] for column in cursor.description]
        return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
