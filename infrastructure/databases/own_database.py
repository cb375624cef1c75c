"""The service's own database: connecting to it, and refusing one that is not usable."""

import os
import stat
from contextlib import suppress
from sqlite3 import SQLITE_READONLY
from typing import TYPE_CHECKING, Any

from domain.errors import RestoreLogError
from domain.messages import remedy
from infrastructure.databases.sqlite3.errors import sqlite_code

if TYPE_CHECKING:
    import psycopg
    from django.db.backends.base.base import BaseDatabaseWrapper

CONNECT_TIMEOUT = 15
"""Seconds to wait for a server to answer."""

PROJECTION_TABLES = frozenset(
    f"{app}_{table}"
    for app in ("database_management", "system_backups")
    for table in ("restorelog", "backuplog")
)
OUR_TABLE = "event_store_head"
READ_ONLY = "25006"
"""PostgreSQL's error code for a write to a read-only database."""

_LIBPQ = {
    "HOST": "host", "PORT": "port", "USER": "user", "PASSWORD": "password", "NAME": "dbname",
}  # fmt: skip
_DJANGOS_OWN = ("isolation_level", "pool", "server_side_binding")
_checked: set[str] = set()


class ForeignDatabase(RestoreLogError):
    code = "foreign_database"

    def __init__(self, tables: list[str]) -> None:
        super().__init__(
            f"DATABASE_URL names a database that holds {', '.join(tables)} but was not made by "
            "this service: it looks like a host. Nothing was changed. Put the host's URL in "
            "SOURCE_DATABASE_URL and give the service a database of its own."
        )


class NotMigrated(RestoreLogError):
    """`where` is the database's location. Only commands show it: not everybody may know it."""

    code = "database_not_migrated"

    def __init__(self, where: str = "", lacks: str = "has no tables yet") -> None:
        super().__init__(
            f"The service's database {where} {lacks}. If DATABASE_URL should name another one, "
            "set it; if not, make its tables: "
            if where
            else f"The service's database {lacks}. To make its tables: ",
            remedy("migrate"),
        )


class ReadOnlyDatabase(RestoreLogError):
    code = "read_only_database"

    def __init__(self) -> None:
        super().__init__(
            "The service's database accepts no writes: it is a replica, or read-only. Nothing was "
            "changed. Record events and take steps at the service on the primary server."
        )


def open_own_postgresql(settings: dict[str, Any]) -> "psycopg.Connection[Any]":
    """A psycopg connection to the service's database, in autocommit, as Django would connect.

    It uses all of Django's options: with another schema, role or TLS it might be another database.
    """
    import psycopg

    options = dict(settings.get("OPTIONS") or {})
    role = options.pop("assume_role", None)
    for name in _DJANGOS_OWN:
        options.pop(name, None)
    named = {ours: settings.get(theirs) for theirs, ours in _LIBPQ.items()}
    connection: psycopg.Connection[Any] = psycopg.connect(
        **{
            "connect_timeout": CONNECT_TIMEOUT,
            **{name: value for name, value in named.items() if value},
            **options,
            "autocommit": True,
            "client_encoding": "utf8",
        }
    )
    if role:
        connection.execute(psycopg.sql.SQL("SET ROLE {}").format(psycopg.sql.Identifier(role)))
    return connection


def where_is(connection: "BaseDatabaseWrapper") -> str:
    """Which database it is, for messages: never with a password."""
    settings = connection.settings_dict
    if connection.vendor == "sqlite":
        return file_of(connection) or str(settings["NAME"])
    port = f":{settings['PORT']}" if settings["PORT"] else ""
    return f"{settings['HOST'] or 'localhost'}{port}/{settings['NAME']}"


def file_of(connection: "BaseDatabaseWrapper") -> str | None:
    """The path of SQLite's file; None if the database has no file."""
    name = str(connection.settings_dict["NAME"])
    if connection.vendor != "sqlite" or name == ":memory:" or name.startswith("file:"):
        return None
    return os.path.abspath(name)


def refuse_foreign_database(sender: Any, connection: "BaseDatabaseWrapper", **kwargs: Any) -> None:
    """Close a new connection, and raise, if the database is not the service's; keep ours private.

    Runs whenever Django opens a connection, so no command can forget it.
    """
    if connection.alias != "default":
        return
    key = repr(sorted((k, str(v)) for k, v in connection.get_connection_params().items()))
    if key in _checked:
        return
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
    foreign = sorted(tables & PROJECTION_TABLES)
    if foreign and OUR_TABLE not in tables:
        connection.close()
        raise ForeignDatabase(foreign)
    if OUR_TABLE in tables or not tables:
        _keep_private(connection)
    if OUR_TABLE in tables:
        _checked.add(key)


def _keep_private(connection: "BaseDatabaseWrapper") -> None:
    """Let only its owner read the service's SQLite file: it holds sessions, tokens and messages.

    If its group may write to it, the group may still read it. SQLite gives the files that it
    creates beside it the same permissions.
    """
    file = file_of(connection)
    if file is None:
        return
    for path in (file, f"{file}-wal", f"{file}-shm"):
        with suppress(OSError):  # it does not exist, or has another owner
            mode = stat.S_IMODE(os.stat(path).st_mode)
            allowed = 0o660 if mode & stat.S_IWGRP else 0o600
            if mode & ~allowed:
                os.chmod(path, mode & allowed)


def refuse_unmigrated(connection: "BaseDatabaseWrapper", *, named: bool = False) -> None:
    """Raise `NotMigrated` unless the log's tables exist; if `named`, the message says where.

    Does not open a SQLite file that does not exist, since that would create it.
    """
    where = where_is(connection) if named else ""
    file = file_of(connection)
    if file is not None and not os.path.exists(file):
        raise NotMigrated(where, "does not exist yet")
    with connection.cursor() as cursor:
        if OUR_TABLE not in connection.introspection.table_names(cursor):
            raise NotMigrated(where)


def refuse_read_only(connection: "BaseDatabaseWrapper") -> None:
    """Raise `ReadOnlyDatabase` if the database is read-only. Call it before anything else."""
    postgresql = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        cursor.execute("SHOW transaction_read_only" if postgresql else "PRAGMA query_only")
        (told,) = cursor.fetchone()
    file = file_of(connection)
    if told in ("on", 1) or (file is not None and not os.access(file, os.W_OK)):
        raise ReadOnlyDatabase


def refuses_writes(error: BaseException) -> bool:
    """Whether the error is a driver's, for a write to a read-only database."""
    driver: Any = error.__cause__
    return sqlite_code(driver) == SQLITE_READONLY or getattr(driver, "sqlstate", "") == READ_ONLY
