"""Makes a step all or nothing, with its files, and reports which, even if the database fails."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from django.db import InterfaceError, OperationalError, connections

from domain.consolidation.consolidation import CONSOLIDATION_ID
from domain.events import Event
from infrastructure.databases.new_connection import ask_anew
from infrastructure.event_store.log import Log
from projections.consolidation.errors import DatabaseLost
from projections.consolidation.pending_files import settled


@contextmanager
def whole(
    kind: type[Event], files: Mapping[str, Path | None], *, using: str = "default"
) -> Iterator[None]:
    """Around a step that records an event of this `kind`, and writes these files.

    Raises `DatabaseLost` if the service's database fails; it says whether the log has the step.
    """
    count = partial(_count, kind, using)
    before, lost = count(), _losses(using)
    try:
        with settled(files, using=using) if any(files.values()) else _nothing():
            yield
    except lost as error:
        now = ask_anew(count, using=using)
        raise DatabaseLost(None if now is None else now > before) from _first(error, lost)


@contextmanager
def _nothing() -> Iterator[None]:
    yield


def _count(kind: type[Event], using: str) -> int:
    """How many events of this kind the log has."""
    return sum(isinstance(event, kind) for event in Log(using).stream(CONSOLIDATION_ID))


def _losses(using: str) -> tuple[type[Exception], ...]:
    """The errors that Django and its driver raise when the connection to the database is lost."""
    driver: Any = connections[using].Database  # type: ignore[attr-defined]
    return (OperationalError, InterfaceError, driver.OperationalError, driver.InterfaceError)


def _first(error: BaseException, lost: tuple[type[Exception], ...]) -> BaseException:
    """The first of these errors: the later ones on the dead connection say less."""
    first, seen = error, error
    while (earlier := seen.__cause__ or seen.__context__) is not None:
        seen = earlier
        if isinstance(seen, lost):
            first = seen
    return first
