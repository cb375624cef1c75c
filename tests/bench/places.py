"""Databases to measure in: fresh ones, migrated, alike in durability on both sides."""

import shutil
from abc import abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from tests.bench import running
from tests.support import postgres, raw
from tests.support.service import environment

VENDORS = ("postgresql", "sqlite")


class Place(Protocol):
    """Where databases of one vendor are made."""

    vendor: str

    @abstractmethod
    def empty(self) -> str:
        """The URL of a new database without tables."""

    @abstractmethod
    def copy(self, url: str) -> str:
        """The URL of a new copy of a database that nobody is connected to."""

    @abstractmethod
    def drop(self, url: str) -> None:
        """Remove a database."""

    @abstractmethod
    def pids(self) -> list[int]:
        """The processes that work for a database, besides the one that asks it."""

    @abstractmethod
    def again(self, url: str) -> str:
        """The URL, now, of a database that was made in the same place in an earlier run."""

    def durability(self, url: str) -> dict[str, str]:
        """What the database says of itself; the same for both sides."""


class PostgreSQL:
    """A server of our own."""

    vendor = "postgresql"

    def __init__(self, server: postgres.Server) -> None:
        self.server = server

    def empty(self) -> str:
        return self.server.fresh_database()

    def copy(self, url: str) -> str:
        return self.server.fresh_database(template=url)

    def drop(self, url: str) -> None:
        self.server.drop_database(url)

    def pids(self) -> list[int]:
        return [self.server.pid]

    def again(self, url: str) -> str:
        return urlsplit(self.server.url)._replace(path=urlsplit(url).path).geturl()

    def durability(self, url: str) -> dict[str, str]:
        names = ("fsync", "synchronous_commit", "full_page_writes", "shared_buffers")
        return {name: str(raw.value(url, f"SHOW {name}")) for name in names}


class SQLite:
    """Files in one folder, in WAL mode before anybody opens them."""

    vendor = "sqlite"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.numbers = count(1)

    def empty(self) -> str:
        url = self._new()
        raw.value(url, "PRAGMA journal_mode=WAL")
        return url

    def copy(self, url: str) -> str:
        raw.rows(url, "PRAGMA wal_checkpoint(TRUNCATE)")
        target = self._new()
        shutil.copyfile(_path(url), _path(target))
        return target

    def drop(self, url: str) -> None:
        for suffix in ("", "-wal", "-shm"):
            Path(str(_path(url)) + suffix).unlink(missing_ok=True)

    def pids(self) -> list[int]:
        return []

    def again(self, url: str) -> str:
        return url

    def _new(self) -> str:
        """The URL of a file that is not there: a kept folder has those of earlier runs."""
        files = (self.folder / f"{number}.sqlite3" for number in self.numbers)
        return f"sqlite:///{next(file for file in files if not file.exists())}"

    def durability(self, url: str) -> dict[str, str]:
        # `synchronous` is a connection's: ours sets FULL (2), the library and Django leave the
        # default, which this shows.
        names = ("journal_mode", "synchronous")
        return {name: str(raw.value(url, f"PRAGMA {name}")) for name in names}


@contextmanager
def place(
    vendor: str, folder: Path, *, durable: bool = True, kept: Path | None = None
) -> Iterator[Place]:
    """Where to make databases of this vendor; what is made is gone afterwards.

    A server syncs to disk if it is `durable`. Databases in the folder `kept` stay, and so does the
    server that has them, for the next run.
    """
    if kept is not None:
        kept.mkdir(parents=True, exist_ok=True)
    if vendor == "sqlite":
        yield SQLite(kept or folder)
        return
    if kept is not None:
        with postgres.kept_server(kept / "server") as server:
            yield PostgreSQL(server)
        return
    with postgres.private_server(durable=durable) as server:
        yield PostgreSQL(server)


def migrated(where: Place) -> str:
    """The URL of a new database of the service, migrated and empty."""
    url = where.empty()
    running.fresh_python(
        ["manage.py", "migrate", "--verbosity=0"],
        env=environment(database=url, source=None, env={"DEBUG": "1"}),
    ).check_returncode()
    return url


def _path(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))
