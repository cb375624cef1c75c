"""Trying a migration on a copy of the host, forward and backward, and comparing every row."""

import importlib.util
import sqlite3
import time
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager, redirect_stdout
from dataclasses import asdict, dataclass
from hashlib import sha256
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import dj_database_url
from django.db import connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.migration import Migration
from django.db.migrations.state import ModelState, ProjectState

from infrastructure.hosts.connecting import Session, Source, parse_source
from infrastructure.hosts.identity import fingerprint, is_the_service
from infrastructure.hosts.readers import open_host
from infrastructure.hosts.tables import HOST_TABLES
from projections.host_migration.errors import CopyUnusable, RehearsalFailed

ALIAS = "copy_of_the_host"
APP = "system_backups"
MODULUS = 2**256


@dataclass(frozen=True)
class Rehearsal:
    """How long both ways took, and what differs afterwards from before."""

    rows: dict[str, int]
    forward_seconds: float
    back_seconds: float
    differences: list[str]

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "equal": not self.differences}


@contextmanager
def copy_of_the_host(session: Session, url: str, expected: str) -> Iterator[dict[str, Any]]:
    """Django's settings for a copy of the host: the one at `url`, which will be written to, or,
    on SQLite, one that is made and removed.

    `expected` is the host's fingerprint, which the copy must have. Raises `CopyUnusable`.
    """
    source = session.source
    if not url and source.vendor == "sqlite":
        with TemporaryDirectory(prefix="copy-of-the-host-") as folder:
            path = Path(folder) / "copy.sqlite3"
            with closing(sqlite3.connect(path)) as copy:
                session.connection.backup(copy)
            yield dict(dj_database_url.parse(f"sqlite:///{path}"))
        return
    if not url:
        raise CopyUnusable("on a server, it has to be a copy that was made from a backup")
    there = parse_source(url)
    if there.vendor != source.vendor or there.vendor == "mysql":
        raise CopyUnusable("it has to be SQLite or PostgreSQL, as the host is")
    settings = dict(dj_database_url.parse(url))
    _refuse_originals(settings, there, source)
    with open_host(there) as reader:
        if fingerprint(reader) != expected:
            raise CopyUnusable("its first migration is another, so it is not a copy of the host")
    yield settings


def rehearse(module: Path, settings: dict[str, Any], also: Collection[str] = ()) -> Rehearsal:
    """Apply the migration in this file to a copy, and take it back. `also` are further tables that
    it changes.

    Raises `RehearsalFailed` if the migration does.
    """
    migration = _loaded(module)
    with _connected(settings) as connection:
        before = _state(connection, also)
        forward = _timed(migration, connection, back=False)
        back = _timed(migration, connection, back=True)
        after = _state(connection, also)
    differences = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    rows = {table.name: before[table.name][1] for table in HOST_TABLES}
    return Rehearsal(rows, forward, back, differences)


def _refuse_originals(settings: dict[str, Any], copy: Source, host: Source) -> None:
    if is_the_service(settings, host):
        raise CopyUnusable("it is the host itself, possibly under another URL")
    if is_the_service(dict(connections["default"].settings_dict), copy):
        raise CopyUnusable("it is the service's own database")


def _loaded(module: Path) -> Migration:
    spec = importlib.util.spec_from_file_location(module.stem, module)
    assert spec is not None
    assert spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    migration: Migration = loaded.Migration(module.stem, APP)
    return migration


@contextmanager
def _connected(settings: dict[str, Any]) -> Iterator[BaseDatabaseWrapper]:
    """A connection that Django knows by name, as its migrations expect."""
    known = connections.settings
    known[ALIAS] = connections.configure_settings({"default": known["default"], ALIAS: settings})[
        ALIAS
    ]
    try:
        yield connections[ALIAS]
    finally:
        connections[ALIAS].close()
        del connections[ALIAS]
        del known[ALIAS]


def _timed(migration: Migration, connection: BaseDatabaseWrapper, *, back: bool) -> float:
    """Seconds that one way took."""
    started = time.monotonic()
    try:
        # What a migration prints is for those who apply it.
        with (
            redirect_stdout(StringIO()),
            connection.schema_editor(atomic=migration.atomic) as editor,
        ):
            (migration.unapply if back else migration.apply)(_models(), editor)
    except Exception as error:
        raise RehearsalFailed(back, str(error)) from error
    return time.monotonic() - started


def _models() -> ProjectState:
    """The one model that a migration changes, as far as it needs to know it."""
    state = ProjectState()
    key: Any = models.BigAutoField(primary_key=True)
    state.add_model(ModelState(APP, "RestoreLog", [("id", key)]))
    return state


def _state(connection: BaseDatabaseWrapper, also: Collection[str]) -> dict[str, Any]:
    """For each table: its columns, how many rows it has, and the sum of their hashes. And which
    tables there are, how they refer to others, and where the counters of the host's own stand."""
    found: dict[str, Any] = {}
    with connection.cursor() as cursor:
        found["tables"] = sorted(connection.introspection.table_names(cursor))
        found["counters"] = _counters(connection)
    for name in (*(table.name for table in HOST_TABLES), *also):
        with connection.cursor() as cursor:
            described = connection.introspection.get_table_description(cursor, name)
            found[f"{name}: constraints"] = connection.introspection.get_constraints(cursor, name)
        columns = [column.name for column in described]
        total, count = 0, 0
        with connection.chunked_cursor() as cursor:
            cursor.execute(_rows_as_text(connection, name, columns))
            while rows := cursor.fetchmany(2_000):
                count += len(rows)
                for row in rows:
                    total += int.from_bytes(sha256(repr(row).encode()).digest())
        found[name] = (columns, count, total % MODULUS)
    return found


def _rows_as_text(connection: BaseDatabaseWrapper, table: str, names: list[str]) -> str:
    """A query for rows whose values no driver has to understand."""
    quote = connection.ops.quote_name
    if connection.vendor == "sqlite":
        cells = ", ".join(f"typeof({quote(name)}), hex({quote(name)})" for name in names)
        return f"SELECT {cells} FROM {quote(table)}"
    return f"SELECT t::text FROM {quote(table)} AS t"


def _counters(connection: BaseDatabaseWrapper) -> list[Any]:
    names = [table.name for table in HOST_TABLES]
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name, seq FROM sqlite_sequence")
            return sorted(row for row in cursor.fetchall() if row[0] in names)
        found = []
        for name in names:
            quoted = connection.ops.quote_name(name)
            cursor.execute("SELECT pg_get_serial_sequence(%s, 'id')", [quoted])
            ((sequence,),) = cursor.fetchall()
            if sequence is not None:
                cursor.execute(f"SELECT last_value, is_called FROM {sequence}")
                found.append((name, *cursor.fetchone()))
        return found
