"""A session on PostgreSQL: one snapshot, read only, with no setting that hides rows."""

from typing import Any

import psycopg

from infrastructure.databases.redaction import driver_says
from infrastructure.hosts.connecting.any_bytes import take_any_bytes
from infrastructure.hosts.connecting.errors import (
    BadSourceUrl,
    HostUnreachable,
    LimitNotLifted,
)
from infrastructure.hosts.connecting.postgresql_options import SETTINGS
from infrastructure.hosts.connecting.source import Source
from infrastructure.hosts.connecting.sql import sql

CONNECT_TIMEOUT = 15
"""Seconds to wait for a server to answer."""

GUARDS = {
    # A policy that would hide rows raises an error instead.
    "row_security": "off",
    "zero_damaged_pages": "off",
    "ignore_checksum_failure": "off",
    "gin_fuzzy_search_limit": "0",
    # No timeouts, neither for long queries nor for long pauses.
    "statement_timeout": "0",
    "lock_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
    "idle_session_timeout": "0",
    "transaction_timeout": "0",
    # Values as text that loses nothing.
    "TimeZone": "UTC",
    "DateStyle": "ISO, YMD",
    "IntervalStyle": "postgres",
    "extra_float_digits": "1",
    "bytea_output": "hex",
    "standard_conforming_strings": "on",
    "quote_all_identifiers": "off",
}
DEMANDS_TLS = ("require", "verify-ca", "verify-full")


def open_postgresql(source: Source) -> "psycopg.Connection[Any]":
    """A connection in autocommit, in a transaction that reads one snapshot."""
    connection = connected(source)
    try:
        _begin(connection, source)
    except BaseException:
        connection.close()
        raise
    return connection


def connected(source: Source) -> "psycopg.Connection[Any]":
    """A connection in autocommit; `psycopg.Error` if the server does not answer."""
    options = {name: value for name, value in source.options.items() if name != SETTINGS}
    try:
        connection = psycopg.connect(**_parameters(source, options))
    except psycopg.ProgrammingError as error:
        raise BadSourceUrl(driver_says(error)) from error
    if options.get("sslmode") in DEMANDS_TLS and not connection.pgconn.ssl_in_use:
        # libpq ignores sslmode if the server is a socket.
        connection.close()
        raise HostUnreachable(source.where, f"no TLS, and sslmode={options['sslmode']} asks for it")
    return connection


def _parameters(source: Source, options: dict[str, Any]) -> dict[str, Any]:
    named = {
        "host": source.server,
        "port": source.port,
        "user": source.user,
        "password": source.password,
    }
    return {
        "connect_timeout": CONNECT_TIMEOUT,
        **{name: value for name, value in named.items() if value},
        **options,
        "dbname": source.name,
        "autocommit": True,
        "client_encoding": "utf8",
    }


def _begin(connection: "psycopg.Connection[Any]", source: Source) -> None:
    connection.execute(sql("postgresql_begin"))
    settings = source.options.get(SETTINGS, {})
    for name, value in settings.items():
        connection.execute("SELECT set_config(%s, %s, true)", [name, value])
    if "search_path" in settings:
        _refuse_no_schema(connection, source)
    lift(connection, source.where)
    take_any_bytes(connection)
    connection.execute("SET TRANSACTION READ ONLY")


def lift(connection: "psycopg.Connection[Any]", where: str) -> None:
    """Set every guard for the transaction that is open, or raise `LimitNotLifted`."""
    there = connection.execute(sql("postgresql_settings"), [list(GUARDS)]).fetchall()
    for name, value in there:
        wanted = GUARDS[name]
        if value == wanted:
            continue
        try:
            connection.execute("SELECT set_config(%s, %s, true)", [name, wanted])
        except psycopg.errors.InsufficientPrivilege as error:
            raise LimitNotLifted(where, name, value, wanted) from error


def _refuse_no_schema(connection: "psycopg.Connection[Any]", source: Source) -> None:
    """Refuse a missing schema in the URL, for which PostgreSQL would use the next one."""
    missing = connection.execute(sql("postgresql_schemas")).fetchall()
    if missing:
        raise HostUnreachable(
            source.where, f"it has no schema {missing[0][0]} that this role may use"
        )
