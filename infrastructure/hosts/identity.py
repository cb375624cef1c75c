"""The identity of a host, and whether two URLs name one database. A URL is not an identity."""

import os
import re
from hashlib import sha256
from typing import Any

import psycopg

from domain.consolidation.consolidation import DEFAULT_OFFSET, SMALL_KEY_OFFSET
from domain.values import Tagged, Value
from infrastructure.databases.own_database import open_own_postgresql
from infrastructure.hosts.connecting import Source
from infrastructure.hosts.connecting.postgresql import connected
from infrastructure.hosts.connecting.reading import host_errors
from infrastructure.hosts.errors import NothingToIdentify
from infrastructure.hosts.readers.base import Reader, RowQuery
from infrastructure.hosts.schema import TableSchema
from infrastructure.hosts.tables import HOST_TABLES

DIGITS = 32
"""Hexadecimal digits of a fingerprint: 128 bits."""


def fingerprint(reader: Reader) -> str:
    """The host's identity: its first applied migration, which copying or moving does not change.

    A host without Django's record of migrations is identified by the lowest row of its first
    restore or backup table that has any.
    """
    migrations = reader.table("django_migrations")
    named = ("id", "app", "name", "applied")
    if migrations is not None and all(map(migrations.has, named)):
        first = _first(reader, migrations)
        if first is not None:
            return _digest("migration", first["app"], first["name"], _digits(first["applied"]))
    for known in reversed(HOST_TABLES):
        table = reader.table(known.name)
        first = _first(reader, table) if table is not None else None
        if first is not None:
            return _digest("row", known.name, first["id"], _digits(first.get("created_at")))
    raise NothingToIdentify


def offset_for(tables: dict[str, TableSchema]) -> int:
    """The offset between the host's ids and ours: smaller if one of its keys has 32 bits."""
    bits = [column.bits for table in tables.values() if (column := table.column("id"))]
    small = any(width is not None and width <= 32 for width in bits)
    return SMALL_KEY_OFFSET if small else DEFAULT_OFFSET


def is_the_service(settings: dict[str, Any], source: Source) -> bool:
    """Whether a host is the service's own database, however both are spelled.

    `settings` are Django's for the service's database. PostgreSQL servers are asked for their
    identity; `HostUnreachable` if the host does not answer.
    """
    vendor = str(settings["ENGINE"]).rsplit(".", 1)[-1]
    if vendor == "sqlite3" and source.vendor == "sqlite":
        files = [str(settings["NAME"]), source.name]
        return all(map(os.path.exists, files)) and os.path.samefile(*files)
    if vendor == "postgresql" and source.vendor == "postgresql":
        with host_errors(source.where), connected(source) as connection:
            theirs = _who(connection)
        with open_own_postgresql(settings) as connection:
            return _who(connection) == theirs
    return False


def _who(connection: "psycopg.Connection[Any]") -> tuple[Any, ...]:
    """The ids of the cluster and of the database in it, from the server itself."""
    try:
        row = connection.execute(
            "SELECT s.system_identifier::text, d.oid FROM pg_control_system() AS s, "
            "pg_database AS d WHERE d.datname = current_database()"
        ).fetchone()
    except psycopg.errors.InsufficientPrivilege:
        row = connection.execute(
            "SELECT pg_postmaster_start_time()::text, d.oid FROM pg_database AS d "
            "WHERE d.datname = current_database()"
        ).fetchone()
    return tuple(row or ())


def _first(reader: Reader, table: TableSchema) -> dict[str, Value] | None:
    """The row with the lowest id, by column name."""
    if not table.has("id"):
        return None
    for values in reader.rows(RowQuery(table, limit=1)):
        return dict(zip(table.names, values, strict=False))
    return None


def _digits(when: Value) -> str:
    """A time's digits, the same from every kind of database: no offset, microseconds padded."""
    text = when.v if isinstance(when, Tagged) else str(when)
    plain = re.sub(r"(Z|[+-]\d\d(:?\d\d)?)$", "", text[10:].strip())
    return re.sub(r"\D", "", text[:10] + plain).ljust(20, "0")


def _digest(*parts: Value) -> str:
    text = "\n".join(str(part.v if isinstance(part, Tagged) else part) for part in parts)
    return sha256(text.encode()).hexdigest()[:DIGITS]
