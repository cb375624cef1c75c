"""Stream ids and a host's fingerprint: verification's own computations of both."""

import hashlib
import re
from collections.abc import Sequence
from uuid import UUID

from projections.verification.actual.readers import SnapshotReader
from projections.verification.errors import HostNotComparable, NotTheImportedHost
from projections.verification.expected.schema import TABLES

_VARIANT = {digit: "89ab"[n & 3] for n, digit in enumerate("0123456789abcdef")}


def stream_ids(host: UUID, table: str, keys: Sequence[int]) -> tuple[str, ...]:
    """Each row's UUID (version 5, RFC 9562) of its table and key in the host's namespace.

    They are 32 hexadecimal digits each.
    """
    start = hashlib.sha1(host.bytes + f"{table}:".encode(), usedforsecurity=False)
    ids = []
    for key in keys:
        digest = start.copy()
        digest.update(b"%d" % key)
        x = digest.hexdigest()
        ids.append(f"{x[:12]}5{x[13:16]}{_VARIANT[x[16]]}{x[17:32]}")
    return tuple(ids)


def computed_fingerprint(host: SnapshotReader, *, retired: bool = False) -> str:
    """The fingerprint that identifies this host: its first migration, and when that was applied.

    A host without a record of migrations is identified by the first row of one of its tables. If
    the migration is `retired`, the legacy tables are not read.
    """
    for table in TABLES.values():
        if not host.columns(table.name) and not (retired and table.origin == "legacy"):
            raise HostNotComparable(f"the table {table.name}")
    there = {column.name for column in host.columns("django_migrations")}
    if {"id", "app", "name", "applied"} <= there:
        for row in host.rows(
            "SELECT app, name, applied FROM django_migrations ORDER BY id LIMIT 1"
        ):
            return _digest("migration", row[0], row[1], _digits(row[2]))
    for table in reversed(TABLES.values()):
        if not host.columns(table.name):
            continue
        created = any(column.name == "created_at" for column in host.columns(table.name))
        columns = "id, created_at" if created else "id, NULL"
        for row in host.rows(f"SELECT {columns} FROM {table.name} ORDER BY id LIMIT 1"):
            return _digest("row", table.name, row[0], _digits(row[1]))
    raise HostNotComparable("any migration or row to know it by")


def _digest(*parts: object) -> str:
    return hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()[:32]


def _digits(when: object) -> str:
    """A time as twenty digits, to the microsecond, the same from every kind of database."""
    text = str(when)
    clock = re.split(r"Z$|[+-]", text[10:].strip())[0]
    return re.sub(r"\D", "", text[:10] + clock).ljust(20, "0")


def refuse_another_host(
    known: Sequence[str], host: SnapshotReader, *, retired: bool = False
) -> None:
    """Raise `NotTheImportedHost` unless the log has this fingerprint for the host."""
    found = computed_fingerprint(host, retired=retired)
    if found not in known:
        raise NotTheImportedHost(known[-1], found)
