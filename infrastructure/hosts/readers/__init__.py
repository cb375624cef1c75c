"""Opening a host: one reader per kind of database, one interface.

A driver is imported when a host of its kind is opened: a process that only reads starts faster.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from infrastructure.discretion import one_line
from infrastructure.hosts.errors import BadSourceUrl, HostUnreachable
from infrastructure.hosts.readers.base import Reader
from infrastructure.hosts.sources import VENDORS, source_settings, spelled

if TYPE_CHECKING:
    import psycopg

CONNECT_TIMEOUT = 15
"""Seconds to wait for a server to answer."""

_POSTGRESQL = {"HOST": "host", "PORT": "port", "USER": "user", "PASSWORD": "password"}
_DJANGOS_OWN = frozenset({"assume_role", "isolation_level", "pool", "server_side_binding"})
_MYSQL = {**_POSTGRESQL, "NAME": "database"}
_ERRORS = {"sqlite3": "Error", "psycopg": "Error", "pymysql": "MySQLError"}
"""The base of a driver's errors, by its module."""


def open_host(url: str) -> Reader:
    """A read-only connection to the host at this URL. `HostUnreachable`, `BadSourceUrl` if not."""
    settings = source_settings(url)
    with driver_errors(spelled(settings)):
        return _open(settings)


@contextmanager
def driver_errors(where: str) -> Iterator[None]:
    """Turns whatever a driver raises about the host into `HostUnreachable`."""
    try:
        yield
    except _errors() as error:
        raise HostUnreachable(where, _why(error)) from error


def _why(error: BaseException) -> str:
    """A driver's words, in one line; PyMySQL's errors are a number and words."""
    match error.args:
        case (int(number), str(words)):
            return f"{one_line(ValueError(words))} (error {number})"
    return one_line(error)


def _errors() -> tuple[type[BaseException], ...]:
    """Of the drivers that are imported; the others have raised nothing."""
    drivers = {sys.modules[name]: base for name, base in _ERRORS.items() if name in sys.modules}
    return tuple(getattr(driver, base) for driver, base in drivers.items())


def _open(settings: dict[str, Any]) -> Reader:
    options = dict(settings.get("OPTIONS") or {})
    match VENDORS[settings["ENGINE"]]:
        case "sqlite":
            from infrastructure.hosts.readers.sqlite import SQLiteReader

            return SQLiteReader(str(settings["NAME"]))
        case "postgresql":
            from infrastructure.hosts.readers.postgresql import PostgreSQLReader

            return PostgreSQLReader(open_postgresql(settings))
        case _:
            from infrastructure.hosts.readers.mysql import MySQLReader

            parameters = _given(settings, _MYSQL)
            if str(parameters.get("host", "")).startswith("/"):
                parameters["unix_socket"] = parameters.pop("host")
            options.pop("charset", None)
            try:
                return MySQLReader({"connect_timeout": CONNECT_TIMEOUT, **parameters, **options})
            except TypeError as error:
                raise BadSourceUrl("it has an option that the driver does not know") from error


def open_postgresql(settings: dict[str, Any]) -> "psycopg.Connection[Any]":
    """psycopg's own connection, in autocommit, for Django's settings of a PostgreSQL database."""
    import psycopg

    options = {k: v for k, v in (settings.get("OPTIONS") or {}).items() if k not in _DJANGOS_OWN}
    parameters = {
        **_given(settings, _POSTGRESQL),
        "dbname": settings["NAME"],
        "connect_timeout": CONNECT_TIMEOUT,
        **options,
        "autocommit": True,
        "client_encoding": "utf8",
    }
    try:
        return psycopg.connect(**parameters)
    except psycopg.ProgrammingError as error:
        raise BadSourceUrl(one_line(error)) from error


def _given(settings: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    return {ours: settings[theirs] for theirs, ours in names.items() if settings.get(theirs)}
