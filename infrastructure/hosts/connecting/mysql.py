"""A session on MySQL or MariaDB: one snapshot, read only, with no limit on rows or time."""

from typing import Any

import pymysql
from pymysql.converters import encoders
from pymysql.cursors import Cursor, SSCursor

from infrastructure.databases.redaction import driver_says
from infrastructure.hosts.connecting import tls
from infrastructure.hosts.connecting.errors import BadSourceUrl, LimitNotLifted
from infrastructure.hosts.connecting.mysql_text import ENCODING
from infrastructure.hosts.connecting.source import Source
from infrastructure.hosts.connecting.sql import sql

CONNECT_TIMEOUT = 15
"""Seconds to wait for a server to answer."""

ALL_ROWS = "18446744073709551615"
"""Not DEFAULT, since the server's default may be a limit."""
DAY = "86400"
GUARDS = {
    "sql_select_limit": ALL_ROWS,
    "max_join_size": ALL_ROWS,
    "sql_big_selects": "ON",  # After max_join_size, which changes it.
    "sql_auto_is_null": "OFF",
    "system_versioning_asof": "DEFAULT",
    # No timeouts, neither for long queries nor for long pauses.
    "max_execution_time": "0",
    "max_statement_time": "0.000000",
    "idle_transaction_timeout": "0",
    "idle_readonly_transaction_timeout": "0",
    "lock_wait_timeout": DAY,
    "wait_timeout": DAY,
    "net_read_timeout": DAY,
    "net_write_timeout": DAY,
    # Values as they are stored, times in UTC.
    "sql_mode": "",
    "time_zone": "+00:00",
}
"""Session variables in the order in which they are set. Not every server knows each of them."""
AS_TEXT = ("sql_mode", "time_zone")

# Without decoders every value arrives as the server's text: '0000-00-00' survives.
_ENCODERS: Any = encoders


def open_mysql(source: Source) -> "pymysql.Connection[Any]":
    """A connection with unbuffered cursors, in a transaction that reads one snapshot."""
    connection = _connected(source)
    try:
        connection.encoding = ENCODING
        _lift(connection, source.where)
        execute(connection, "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        execute(connection, "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
    except BaseException:
        connection.close()
        raise
    return connection


def execute(connection: "pymysql.Connection[Any]", statement: str, *values: str) -> list[Any]:
    """All rows of a small query."""
    with connection.cursor(Cursor) as cursor:
        cursor.execute(statement, values or None)
        return list(cursor.fetchall())


def _connected(source: Source) -> "pymysql.Connection[Any]":
    options = dict(source.options)
    encrypted = tls.parameters(options.pop("tls"))
    named = {
        "host": source.server,
        "port": source.port,
        "user": source.user,
        "password": source.password,
    }
    parameters = {name: value for name, value in named.items() if value}
    if source.server.startswith("/"):
        options.setdefault("unix_socket", parameters.pop("host"))
    try:
        return pymysql.connect(
            **{
                "connect_timeout": CONNECT_TIMEOUT,
                **parameters,
                **options,
                **encrypted,
                "database": source.name,
                "charset": "utf8mb4",
                "conv": _ENCODERS,
                "cursorclass": SSCursor,
                "autocommit": True,
            }
        )
    except (TypeError, ValueError) as error:
        raise BadSourceUrl(driver_says(error)) from error


def _lift(connection: "pymysql.Connection[Any]", where: str) -> None:
    """Set every guard for the session, and check that each is set."""
    statement = sql("mysql_settings").format(names=", ".join(["%s"] * len(GUARDS)))
    # First, since it also limits the rows of SHOW.
    execute(connection, f"SET SESSION sql_select_limit = {ALL_ROWS}")
    for _ in range(2):  # Setting one of them changes another.
        there = dict(execute(connection, statement, *GUARDS))
        for name, wanted in GUARDS.items():
            if there.get(name, wanted) != wanted:
                _set(connection, where, name, there[name])
    for name, value in execute(connection, statement, *GUARDS):
        if value != GUARDS[name]:
            raise LimitNotLifted(where, name, value, GUARDS[name])


def _set(connection: "pymysql.Connection[Any]", where: str, name: str, value: str) -> None:
    wanted = GUARDS[name]
    spelled = f"'{wanted}'" if name in AS_TEXT else wanted
    try:
        execute(connection, f"SET SESSION {name} = {spelled}")
    except pymysql.MySQLError as error:
        raise LimitNotLifted(where, name, value, wanted) from error
