"""The log, and ways of forging it that a database's owner would have."""

from contextlib import closing

import psycopg
import pytest

from infrastructure.event_store.codec import new_event
from infrastructure.event_store.log import Log
from tests.builders import completed, imported, requested, started
from tests.support import raw


@pytest.fixture
def log(database: str) -> Log:
    return Log()


@pytest.fixture
def filled(log: Log) -> Log:
    """A log of eight events in four streams, appended in three transactions."""
    log.append([new_event(e) for e in (requested(1), started(1), completed(1))])
    log.append([new_event(e) for e in (imported(2, key=5), imported(3, key=6))])
    log.append([new_event(e) for e in (requested(4), started(4), completed(4))])
    return log


class Forger:
    """Changes stored events with the triggers out of the way."""

    def __init__(self, url: str) -> None:
        self.url = url

    def __call__(self, *statements: str) -> None:
        if self.url.startswith("sqlite"):
            triggers = raw.rows(self.url, "SELECT name FROM sqlite_master WHERE type = 'trigger'")
            for (name,) in triggers:
                raw.execute(self.url, f"DROP TRIGGER {name}")
            for statement in statements:
                raw.execute(self.url, statement)
            return
        with closing(psycopg.connect(self.url, autocommit=True)) as connection:
            connection.execute("ALTER TABLE event_store_event DISABLE TRIGGER ALL")
            for statement in statements:
                connection.execute(statement.encode())


@pytest.fixture
def forge(database: str) -> Forger:
    return Forger(database)
