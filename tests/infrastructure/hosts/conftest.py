"""A host to import from, on every kind of database, and what an import left in the log."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from domain.events import Event
from infrastructure.event_store.log import Log
from infrastructure.hosts.importing.importer import import_host
from infrastructure.hosts.importing.report import ImportReport
from tests.infrastructure.hosts.tiny import TinyHost
from tests.support import postgres

Import = Callable[..., ImportReport]


@pytest.fixture(params=("sqlite", "postgresql"), ids="from_{}".format)
def host_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database for a host."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/host.sqlite3"
        return
    url = postgres.fresh_database()
    yield url
    postgres.drop_database(url)


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The same, in a SQLite file only."""
    return f"sqlite:///{tmp_path}/host.sqlite3"


@pytest.fixture
def postgresql_url() -> Iterator[str]:
    """The same, in PostgreSQL only."""
    url = postgres.fresh_database()
    yield url
    postgres.drop_database(url)


@pytest.fixture
def tiny(host_url: str) -> TinyHost:
    """An empty tiny host."""
    return TinyHost(host_url)


@pytest.fixture
def import_from(database: str) -> Import:
    """`import_host` into the service's database, by the actor `ops`."""

    def run(url: str, **options: Any) -> ImportReport:
        return import_host(url, actor="ops", **options)

    return run


@pytest.fixture
def log(database: str) -> Log:
    return Log()


@pytest.fixture
def events(log: Log) -> Callable[[int], list[Event]]:
    """The log's events after a position, decoded, with metadata."""

    def after(position: int = 0) -> list[Event]:
        return [event for chunk in log.events(position, with_metadata=True) for event in chunk]

    return after
