"""What others notice of a migration on PostgreSQL: locks, and how long they wait."""

import os
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from tests.host_migration.stage import CONSOLIDATED, LEGACY, Stage, columns
from tests.support import raw

NAME = "migrating"
"""The application that the migration says it is."""
TABLES = (
    LEGACY, CONSOLIDATED, "database_management_backuplog", "system_backups_backuplog",
    f"{CONSOLIDATED}_id_seq",
)  # fmt: skip
LOCKS = f"""
SELECT c.relname, l.mode, extract(epoch FROM clock_timestamp() - a.xact_start)
FROM pg_locks AS l
JOIN pg_class AS c ON c.oid = l.relation
JOIN pg_stat_activity AS a ON a.pid = l.pid
WHERE l.granted AND l.locktype = 'relation'
    AND a.application_name = '{NAME}' AND c.relname = ANY(%s)
"""
STRONG = ("ShareLock", "ShareRowExclusiveLock", "AccessExclusiveLock", "ExclusiveLock")
"""Locks that anybody waits for who writes, or reads."""


class Watched:
    """What was seen of one migration: its seconds, the bytes of WAL, locks and waits in seconds."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.wal = 0
        self.held: dict[tuple[str, str], float] = defaultdict(float)
        self.waited: dict[str, float] = defaultdict(float)
        self.done: dict[str, int] = defaultdict(int)
        self.failed: list[Exception] = []

    @property
    def locks(self) -> str:
        """The strong locks, and for how long each was held at most."""
        return ", ".join(
            f"{mode} on `{table}` for up to {seconds:,.1f} s"
            for (table, mode), seconds in sorted(self.held.items())
            if mode in STRONG
        )

    @property
    def waits(self) -> str:
        """The longest wait of each client."""
        return ", ".join(
            f"{what} {seconds * 1000:,.0f} ms" for what, seconds in sorted(self.waited.items())
        )


@contextmanager
def watched(stage: Stage, last: int) -> Iterator[Watched]:
    """While readers and writers are at work: what they wait, and which locks are held.

    `last` is the last id of the rows of the host's own that they change.
    """
    seen, over = Watched(), threading.Event()
    targets = [_look, *(_client(what, sql) for what, sql in _asked(stage, last).items())]
    threads = [
        threading.Thread(target=_guarded, args=(target, stage.host, seen, over))
        for target in targets
    ]
    raw.execute(stage.host, "CHECKPOINT")
    os.environ["PGAPPNAME"] = NAME
    begin, at = time.monotonic(), stage.value("SELECT pg_current_wal_lsn()::text")
    for thread in threads:
        thread.start()
    try:
        time.sleep(1)
        begin = time.monotonic()
        yield seen
        seen.seconds = time.monotonic() - begin
        seen.wal = int(stage.value(f"SELECT pg_current_wal_lsn() - '{at}'::pg_lsn"))
    finally:
        del os.environ["PGAPPNAME"]
        over.set()
        for thread in threads:
            thread.join()
    assert not seen.failed, seen.failed


def _asked(stage: Stage, last: int) -> dict[str, str]:
    """What clients do again and again: to rows that were there before, but to no copies."""
    asked = {}
    for table, name in ((LEGACY, "legacy"), (CONSOLIDATED, "consolidated")):
        names = ", ".join(columns(stage.host, table) - {"id", "target_database"})
        names += ", target_database" if table == LEGACY else ""
        first = stage.value(f"SELECT min(id) FROM {table}")
        highest = stage.value(f"SELECT max(id) FROM {table}") if table == LEGACY else last
        some = f"(SELECT {first} + (random() * {highest - first})::bigint)"
        asked |= {
            f"INSERT {name}": f"INSERT INTO {table} ({names})"
            f" SELECT {names} FROM {table} WHERE id = {first}",
            f"UPDATE {name}": f"UPDATE {table} SET message = message || '.' WHERE id = {some}",
            f"SELECT {name}": f"SELECT count(name) FROM {table} WHERE id = {some}",
        }
    return asked


def _guarded(target: Any, url: str, seen: Watched, over: threading.Event) -> None:
    try:
        with psycopg.connect(url, autocommit=True, application_name="client") as connection:
            while not over.is_set():
                target(connection, seen)
                over.wait(0.02)
    except Exception as error:  # noqa: BLE001 - the test tells it
        seen.failed.append(error)


def _look(connection: "psycopg.Connection[Any]", seen: Watched) -> None:
    for table, mode, seconds in connection.execute(LOCKS, [list(TABLES)]).fetchall():
        seen.held[table, mode] = max(seen.held[table, mode], float(seconds))


def _client(what: str, statement: str) -> Any:
    def ask(connection: "psycopg.Connection[Any]", seen: Watched) -> None:
        begin = time.monotonic()
        connection.execute(statement.encode())
        seen.waited[what] = max(seen.waited[what], time.monotonic() - begin)
        seen.done[what] += 1

    return ask
