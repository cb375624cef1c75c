"""The log, and ways of forging it that a database's owner would have."""

from collections.abc import Callable
from functools import partial

import pytest

from infrastructure.event_store.codec import new_event
from infrastructure.event_store.log import Log
from tests.builders import completed, imported, requested, started
from tests.support import forging


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


@pytest.fixture
def forge(database: str) -> Callable[..., None]:
    """Runs SQL on the test's database with the triggers out of the way."""
    return partial(forging.forge, database)
