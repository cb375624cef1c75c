"""Append, then catch up: recorded data is in the tables before the response is sent."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db import transaction

from domain.errors import RestoreLogError
from infrastructure.event_store.errors import StreamConflict
from infrastructure.event_store.head_file_updates import keep_head_file
from infrastructure.event_store.log import Log
from infrastructure.event_store.transaction_log import TransactionLog
from projections.engine import checkpoints
from projections.engine.appended import TableDiffers, catch_up_with_appended
from projections.engine.catch_up import catch_up
from projections.engine.few_events import catch_up_with_few
from projections.engine.registry import PROJECTIONS
from projections.engine.runner import Progress

T = TypeVar("T")

PATIENCE = 2.0
"""Seconds after which the response is sent even if a table does not show all of it yet."""

TRIES = 5
"""How often a command is decided before `StreamConflict` is passed on."""

Behind = dict[str, RestoreLogError | None]
"""The projections, by label, that are behind the log: the error that stopped them, or None if the
time ran out."""


@dataclass(frozen=True)
class Appended(Generic[T]):
    """An append's result, the end of the log after it, and the tables that do not show it."""

    what: T
    position: int
    behind: Behind


def append_and_catch_up(
    append: Callable[[], T],
    *,
    patience: float | None = PATIENCE,
    using: str = "default",
) -> Appended[T]:
    """Call a function that appends and commits, and then catch up.

    The events stay in the log even if a projection stops: `behind` has its error, which is not
    raised. `patience` is in seconds; None waits for as long as it takes.
    """
    what = append()
    keep_head_file(Log(using))
    reached = catch_up_with_few(using)
    if reached is not None:
        return Appended(what, reached, {})
    return Appended(what, *_catch_up(patience, None, using))


def append_with_tables(
    decide: Callable[[Log], T], keep: Callable[[T], None] | None = None
) -> Appended[T]:
    """Call a function that appends to the log that it gets, in a transaction with the tables.

    `keep` is called with its result before the commit. Both are called again if another process
    appends to the same restore or backup at that moment. Where the tables cannot be brought up to
    date in the same transaction, they are afterwards, as in `append_and_catch_up`.
    """
    with_tables, conflicts = True, 0
    while True:
        log, reached = TransactionLog(), None
        try:
            with transaction.atomic():
                what = decide(log)
                if keep is not None:
                    keep(what)
                if with_tables:
                    reached = catch_up_with_appended(log)
            break
        except TableDiffers:
            with_tables = False  # so this comes once
        except StreamConflict:
            conflicts += 1
            if conflicts == TRIES:
                raise
    if reached is None:
        return append_and_catch_up(lambda: what)
    keep_head_file(log)
    return Appended(what, reached, {})


def bring_up_to_date(
    *,
    patience: float | None = PATIENCE,
    progress: Progress | None = None,
    using: str = "default",
) -> Behind:
    """After a commit: remember the log's head, and catch up with it.

    Returns which projections are behind, and why.
    """
    keep_head_file(Log(using))
    _, behind = _catch_up(patience, progress, using)
    return behind


def _catch_up(patience: float | None, progress: Progress | None, using: str) -> tuple[int, Behind]:
    """The end of the log, and the projections that do not show it in the end."""
    position = Log(using).head().position
    until = None if patience is None else time.monotonic() + patience

    def tick(done: int, total: int | None) -> None:
        if progress is not None:
            progress(done, total)
        if until is not None and done != total and time.monotonic() > until:
            raise _OutOfPatience

    try:
        caught = catch_up(upto=position, using=using, progress=tick)
    except _OutOfPatience:
        return position, dict.fromkeys(_before(position, using))
    except RestoreLogError as error:
        return position, dict.fromkeys(_before(position, using), error)
    return position, {label: one.error for label, one in caught.items() if one.error is not None}


def _before(position: int, using: str) -> list[str]:
    return [
        label
        for label, projection in PROJECTIONS.items()
        if checkpoints.live(projection, using).position < position
    ]


class _OutOfPatience(Exception):
    """Raised between two chunks, after the first is committed."""
