"""Clients that read and write all the time, whatever happens to the tables meanwhile.

Four read over HTTP and four straight from the database; four write. Each says what it saw and how
long it had to wait; the first read or write that fails ends its client, and `Clients.end` raises.
"""

import json
import sqlite3
import threading
import time
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from itertools import count
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from uuid import UUID

from tests.journey import oracle
from tests.journey.stage import Stage
from tests.support import raw
from tests.support.forked import Process
from tests.support.serving import serving

READERS = 4
"""Of each kind."""

WRITERS = 4
PAUSE = 0.15
"""Seconds that a writer thinks between two writes."""

PAGE = 1_000
NEW_ACCOUNT = ("--role=viewer", "--no-password", "--token", "--json")
BOTH = (oracle.RESTORES, oracle.BACKUPS)
"""The tables that a cut-over and a roll-back switch, both together."""

LIVE = (
    "SELECT id, scope, position, rows FROM engine_generation"
    " WHERE state = 'live' AND label = '{label}'"
)


class Whole(NamedTuple):
    """A whole consolidated table in one snapshot, and what the engine says of it there."""

    label: str
    generation: int
    scope: str
    position: int
    rows: int
    """That the engine has counted."""
    origins: dict[str, int]
    """Rows that were read, by origin."""
    events: int
    """The rows' versions added up: how many events the table shows."""


class Page(NamedTuple):
    """One page of `/api/v1/restores/`, and whether it is all there is."""

    whole: bool
    origins: dict[str, int]


class Read:
    """What one reader saw, and the longest that it waited for the first row."""

    def __init__(self) -> None:
        self.reads = 0
        self.tables: list[tuple[Whole, Whole]] = []
        self.pages: list[Page] = []
        self.legacy_pages: list[int] = []
        self.longest = 0.0

    def waited(self, since: float) -> None:
        self.longest = max(self.longest, time.monotonic() - since)


class Written:
    """What one writer was told that it had done, and the longest between two answers."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.said: list[dict[str, Any]] = []
        self.longest = 0.0


class Clients:
    """All of them, from when each has had its first answer."""

    def __init__(self, stage: Stage, address: str, tokens: list[str]) -> None:
        self.stage = stage
        self.stop = threading.Event()
        self.threads = ThreadPoolExecutor(2 * READERS + WRITERS)
        self.straight = [Read() for _ in range(READERS)]
        self.rest = [Read() for _ in range(READERS)]
        self.writers = [Written(stage.recorder(n, pause=PAUSE)) for n in range(1, WRITERS + 1)]
        keys = [
            raw.value(
                stage.service,
                f"SELECT max(id) FROM {oracle.TABLES[label]} WHERE origin = '{origin}'",
            )
            for label, origin in (
                (oracle.RESTORES, "consolidated"),
                (oracle.LEGACY_RESTORES, "legacy"),
            )
        ]
        paths = [
            f"restores/?page_size={PAGE}",
            f"restores/?origin=legacy&page_size={PAGE}",
            f"restores/{keys[0]}/",
            f"legacy/restores/{keys[1]}/",
        ]
        self.work: list[Future[None]] = [
            *(self.threads.submit(self._read_straight, read) for read in self.straight),
            *(self.threads.submit(self._read_rest, read, address, tokens[n % len(tokens)], paths)
              for n, read in enumerate(self.rest)),
            *(self.threads.submit(self._listen, written) for written in self.writers),
        ]  # fmt: skip

    def go_on(self, seconds: float = 300) -> None:
        """Until each reader has begun to read once more and has finished, and each writer too."""
        before = self._done()
        deadline = time.monotonic() + seconds
        while any(now < was + 2 for now, was in zip(self._done(), before, strict=True)):
            for client in self.work:
                if client.done():
                    client.result()
                    raise AssertionError("a client has ended by itself")
            assert time.monotonic() < deadline, f"they stand still: {before} then {self._done()}"
            time.sleep(0.02)

    def forget_waits(self) -> None:
        """What the server's first answers took says nothing of what comes."""
        for client in (*self.straight, *self.rest, *self.writers):
            client.longest = 0.0

    def end(self) -> None:
        """Have all of them finish what they are at; raises what stopped any of them before."""
        self.stop.set()
        for written in self.writers:
            written.process.terminate()
        self.threads.shutdown()
        for written in self.writers:
            _, errors = written.process.communicate(timeout=60)
            assert written.process.returncode == 0, errors
            self.stage.said += written.said
        for client in self.work:
            client.result()

    def _done(self) -> list[int]:
        return [
            *(read.reads for read in (*self.straight, *self.rest)),
            *(len(written.said) for written in self.writers),
        ]

    def _read_straight(self, read: Read) -> None:
        with raw.connect(self.stage.service) as connection:
            while not self.stop.is_set():
                began = time.monotonic()
                _begin(connection, self.stage.vendor)
                restores, backups = (_whole(connection, label, read, began) for label in BOTH)
                connection.commit()
                read.tables.append((restores, backups))
                read.reads += 1
                # The tables are free more often than not, as with readers who do something else.
                self.stop.wait(0.05 + 2 * (time.monotonic() - began))

    def _read_rest(self, read: Read, address: str, token: str, paths: list[str]) -> None:
        connection = HTTPConnection(urlsplit(address).netloc, timeout=120)
        headers = {"Authorization": f"Token {token}"}
        for number in count(self.rest.index(read)):
            if self.stop.is_set():
                break
            path = paths[number % len(paths)]
            began = time.monotonic()
            connection.request("GET", f"/api/v1/{path}", headers=headers)
            response = connection.getresponse()
            body = response.read()
            read.waited(began)
            assert response.status == 200, f"{path}: {response.status} {body[:500]!r}"
            found = json.loads(body)
            if number % len(paths) == 0:
                origins = Counter(row["origin"] for row in found["results"])
                read.pages.append(Page(found["next"] is None, dict(origins)))
            elif number % len(paths) == 1:
                read.legacy_pages.append(len(found["results"]))
            read.reads += 1
            self.stop.wait(0.05)
        connection.close()

    def _listen(self, written: Written) -> None:
        assert written.process.stdout is not None
        last = None
        for line in written.process.stdout:
            now = time.monotonic()
            if last is not None:
                written.longest = max(written.longest, now - last - PAUSE)
            last = now
            written.said.append(json.loads(line))


def _begin(connection: Any, vendor: str) -> None:
    """From here on everything is read as it is at one moment."""
    if vendor == "sqlite":
        connection.execute("BEGIN")
    else:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        # Before the snapshot, or a table that came later would look empty.
        tables = ", ".join(oracle.TABLES[label] for label in BOTH)
        connection.execute(f"LOCK TABLE {tables} IN ACCESS SHARE MODE")


def _whole(connection: Any, label: str, read: Read, began: float) -> Whole:
    """Every column of every row."""
    columns = oracle.COLUMNS[label]
    origin, version = columns.index("origin"), columns.index("version")
    ((generation, scope, position, rows),) = _rows(connection, LIVE.format(label=label))
    origins: Counter[str] = Counter()
    events = 0
    for row in _rows(connection, f"SELECT {', '.join(columns)} FROM {oracle.TABLES[label]}"):
        if label == BOTH[0] and not origins:
            read.waited(began)
        origins[row[origin]] += 1
        events += row[version]
    return Whole(label, generation, scope, position, rows, dict(origins), events)


def _rows(connection: Any, query: str) -> Iterator[raw.Row]:
    """The rows as they are read, not all at once: a cursor of the server's on PostgreSQL."""
    named = [] if isinstance(connection, sqlite3.Connection) else ["whole"]
    with closing(connection.cursor(*named)) as cursor:
        cursor.execute(query)
        yield from cursor


@contextmanager
def clients(stage: Stage) -> Iterator[Clients]:
    """All of them at work on this stage; at the end none of them has failed."""
    # Two, since an account has half of the places of a server.
    accounts = [
        stage.manage("accounts", "create", name, *NEW_ACCOUNT).json["accounts"][0]
        for name in ("reader", "other")
    ]
    with serving(stage.service) as address:
        made = Clients(stage, address, [account["new_token"] for account in accounts])
        try:
            made.go_on()
            made.forget_waits()
            yield made
        finally:
            made.end()


def assert_one_generation_each(stage: Stage, seen: Clients) -> None:
    """Each whole table that was read is one generation's, complete, at the position it names."""
    shown = _Shown(stage)
    scopes: dict[int, set[str]] = defaultdict(set)
    for restores, backups in (pair for read in seen.straight for pair in read.tables):
        assert restores.scope == backups.scope
        for table in (restores, backups):
            scopes[table.generation].add(table.scope)
            assert sum(table.origins.values()) == table.rows, table
            assert table.origins.get("legacy", 0) == shown.legacy(table), table
            assert table.origins["consolidated"] == shown.consolidated(table), table
            assert table.events == shown.events(table), table
    assert all(len(found) == 1 for found in scopes.values()), scopes
    assert set.union(*scopes.values()) == {"native", "all"}

    legacy, consolidated = (shown.hosts[oracle.RESTORES, n] for n in ("legacy", "consolidated"))
    assert {rows for read in seen.rest for rows in read.legacy_pages} == {0, min(legacy, PAGE)}
    for page in (page for read in seen.rest for page in read.pages if page.whole):
        assert page.origins.get("legacy", 0) in (0, legacy)
        assert page.origins["consolidated"] == consolidated


class _Shown:
    """What a generation shows, from the host and from the log alone."""

    def __init__(self, stage: Stage) -> None:
        self.hosts = {
            (label, origin): raw.value(stage.host, f"SELECT count(*) FROM {app}_{kind}")
            for label, kind in ((oracle.RESTORES, "restorelog"), (oracle.BACKUPS, "backuplog"))
            for app, origin in (
                ("database_management", "legacy"),
                ("system_backups", "consolidated"),
            )
        }
        log = oracle.read_log(stage.service)
        legacy = {
            log.stream(f"database_management_{kind}", key)
            for kind in ("restorelog", "backuplog")
            for (key,) in raw.rows(stage.host, f"SELECT id FROM database_management_{kind}")
        }
        self.positions: dict[tuple[str, str], list[int]] = defaultdict(list)
        for position, topic, stream in raw.rows(
            stage.service,
            "SELECT position, topic, stream_id FROM event_store_event ORDER BY position",
        ):
            subject = topic.partition(".")[0]
            self.positions[subject, "all"].append(position)
            if str(UUID(str(stream))) not in legacy:
                self.positions[subject, "native"].append(position)

    def legacy(self, table: Whole) -> int:
        return self.hosts[table.label, "legacy"] if table.scope == "all" else 0

    def consolidated(self, table: Whole) -> int:
        return self.hosts[table.label, "consolidated"]

    def events(self, table: Whole) -> int:
        """How many events of its rows there were up to its position."""
        subject = "restore" if table.label == oracle.RESTORES else "backup"
        return bisect_right(self.positions[subject, table.scope], table.position)


def assert_nothing_lost(stage: Stage, scope: str) -> None:
    """Every acknowledged write is in the log, and the tables show it, row by row."""
    stage.assert_tables(scope)
