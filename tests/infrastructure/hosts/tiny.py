"""A host small enough to read: the four tables and two users, one row at a time, by plain SQL."""

from collections.abc import Sequence
from typing import Any

from tests.support import raw

LEGACY = "database_management_restorelog"
CONSOLIDATED = "system_backups_restorelog"
LEGACY_BACKUPS = "database_management_backuplog"
CONSOLIDATED_BACKUPS = "system_backups_backuplog"

TYPES = {
    "sqlite": {"key": "integer", "text": "text", "time": "datetime", "bool": "bool"},
    "postgres": {"key": "bigint", "text": "text", "time": "timestamptz", "bool": "boolean"},
    "mysql": {"key": "bigint", "text": "longtext", "time": "datetime(6)", "bool": "tinyint(1)"},
}
MIGRATIONS = "id {key} PRIMARY KEY, app varchar(255), name varchar(255), applied {time}"
USERS = "id {key} PRIMARY KEY, username varchar(150)"
BACKUPS = (
    "id {key} PRIMARY KEY, name varchar(255), backup_type varchar(20), status varchar(20), "
    "database_name varchar(100), file_path varchar(500), size_bytes bigint, "
    "created_at {time}, updated_at {time}"
)
_RESTORES = (
    "id {key} PRIMARY KEY, name varchar(255), source_backup_id bigint, status varchar(20), "
    "started_at {time}, completed_at {time}, duration_seconds integer, message {text}, "
    "created_by_id {key} REFERENCES auth_user (id), created_at {time}, updated_at {time}, "
)
TABLES = {
    "django_migrations": MIGRATIONS,
    "auth_user": USERS,
    LEGACY_BACKUPS: BACKUPS,
    CONSOLIDATED_BACKUPS: BACKUPS,
    LEGACY: _RESTORES + "restore_method varchar(20), target_database varchar(100)",
    CONSOLIDATED: _RESTORES
    + "restore_type varchar(20), trigger_type varchar(20), is_overwrite {bool}",
}
WHEN = "2021-03-01 12:00:00.000001"
RESTORE = {
    "name": "nightly",
    "status": "completed",
    "message": "",
    "created_at": WHEN,
    "updated_at": WHEN,
}
DEFAULTS: dict[str, dict[str, Any]] = {
    LEGACY: {**RESTORE, "restore_method": "manual", "target_database": "shop"},
    CONSOLIDATED: {
        **RESTORE,
        "restore_type": "full",
        "trigger_type": "manual",
        "is_overwrite": False,
    },
}


class TinyHost:
    """An empty host in the empty database at `url`, and ways to change it."""

    def __init__(
        self, url: str, *, extra: dict[str, str] | None = None, leave_out: Sequence[str] = ()
    ) -> None:
        """`extra` adds column definitions to tables; `leave_out` names tables not to make."""
        self.url = url
        self.types = TYPES[url.partition(":")[0]]
        with raw.connect(url) as connection:
            cursor = connection.cursor()
            for table, columns in TABLES.items():
                if table not in leave_out:
                    more = f", {extra[table]}" if extra and table in extra else ""
                    cursor.execute(f"CREATE TABLE {table} ({columns.format(**self.types)}{more})")
            cursor.close()
        first = {"id": 1, "app": "contenttypes", "name": "0001_initial", "applied": WHEN}
        people = [{"id": 7, "username": "ada"}, {"id": 8, "username": "Łucja"}]
        self._insert([("django_migrations", first), *(("auth_user", who) for who in people)])

    def execute(self, sql: str, params: Sequence[Any] = ()) -> None:
        raw.execute(self.url, sql, params)

    def add(self, table: str, key: int, **values: Any) -> None:
        """A row with this key; columns that are not given have defaults where they need one."""
        self._insert([(table, {"id": key, **DEFAULTS.get(table, {}), **values})])

    def fill(self, rows: int) -> None:
        """So many rows in each restore table, and half as many backups, some of them missing."""
        backups = [
            (table, {"id": key, "database_name": f"db{key}", "created_at": WHEN})
            for table in (LEGACY_BACKUPS, CONSOLIDATED_BACKUPS)
            for key in range(1, rows // 2 + 1)
        ]
        restores = [
            (table, {"id": key, **DEFAULTS[table], "source_backup_id": key, "created_by_id": 7})
            for table in (LEGACY, CONSOLIDATED)
            for key in range(1, rows + 1)
        ]
        self._insert([*backups, *restores])

    def _insert(self, rows: Sequence[tuple[str, dict[str, Any]]]) -> None:
        mark = "?" if self.url.startswith("sqlite") else "%s"
        with raw.connect(self.url) as connection:
            cursor = connection.cursor()
            for table, row in rows:
                cursor.execute(
                    f"INSERT INTO {table} ({', '.join(row)}) "
                    f"VALUES ({', '.join([mark] * len(row))})",
                    list(row.values()),
                )
            cursor.close()

    def dump(self) -> list[Any]:
        """Everything in it."""
        return [(table, raw.rows(self.url, f"SELECT * FROM {table}")) for table in TABLES]
