"""Runs of maintenance: asked for by a server, begun and ended by a process of their own.

That process holds a reservation for as long as it lives, and the system ends it with the process.
So any server can tell a run that takes long from one whose process was killed.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, OperationalError, connection, transaction

from domain.errors import RestoreLogError
from domain.events import Actor
from infrastructure.databases.reservation import reserve
from infrastructure.event_store.log import Log, as_datetime
from infrastructure.maintenance.models import MaintenanceRun, RunKind, RunOutcome

RESERVATION = "maintenance"
BEGINS_WITHIN = timedelta(seconds=60)
"""How long a process may take to start; then its run counts as lost."""
EVERY = 1.0
"""Seconds between two notes of progress."""
TRIES = 100
PAUSE = 0.1
"""A page that looks whether a process lives holds the reservation for a moment."""


class MaintenanceRunning(RestoreLogError):
    code = "maintenance_running"

    def __init__(self, run: MaintenanceRun | None) -> None:
        what = "Something"
        if run is not None:
            doing = {RunKind.VERIFY: "A check of the log", RunKind.REBUILD: "A rebuild"}
            what = f"{doing[RunKind(run.kind)]}, asked for by {run.actor},"
        super().__init__(
            f"{what} is running already, and one runs at a time. Nothing was started. Wait until "
            "it has ended, and try again."
        )


def ask(kind: RunKind, *, actor: Actor, subject: str = "") -> MaintenanceRun:
    """Note a new run, which a process has to begin. Raises `MaintenanceRunning`."""
    before = unended()
    if before is not None:
        if is_alive(before):
            raise MaintenanceRunning(before)
        end(before, RunOutcome.LOST, {})
    try:
        with transaction.atomic():
            return MaintenanceRun.objects.create(
                kind=kind, subject=subject, actor=str(actor), asked_at=_now(), slot=1
            )
    except IntegrityError as error:
        raise MaintenanceRunning(unended()) from error


def unended() -> MaintenanceRun | None:
    """The run that has not ended, as far as anybody noted."""
    return MaintenanceRun.objects.filter(slot=1).first()


def is_alive(run: MaintenanceRun) -> bool:
    """Whether this run, which has not ended, has a process, or may still get one."""
    if run.began_at is None:
        return _now() - run.asked_at < BEGINS_WITHIN
    with reserve(RESERVATION) as free:
        return not free


@contextmanager
def taken_up(number: int) -> Iterator[MaintenanceRun | None]:
    """For the process of a run: take it up for the block; None if it is no longer wanted."""
    for _ in range(TRIES):
        with reserve(RESERVATION) as ours:
            if ours:
                wanted = MaintenanceRun.objects.filter(pk=number, slot=1, began_at=None)
                begun = wanted.update(began_at=_now())
                yield MaintenanceRun.objects.get(pk=number) if begun else None
                return
        time.sleep(PAUSE)
    yield None


def end(run: MaintenanceRun, outcome: RunOutcome, result: Mapping[str, Any]) -> None:
    """Note how a run ended, unless that was noted before."""
    MaintenanceRun.objects.filter(pk=run.pk, slot=1).update(
        slot=None, ended_at=_now(), outcome=outcome, result=dict(result)
    )


class ProgressNotes:
    """Notes how far a run has come, at most once a second and never inside a transaction.

    A note that cannot be written, since the database is busy, is left out.
    """

    def __init__(self, run: MaintenanceRun) -> None:
        self._rows = MaintenanceRun.objects.filter(pk=run.pk)
        self._last = 0.0

    def progress(self, done: int, total: int | None) -> None:
        if time.monotonic() - self._last >= EVERY:
            self._note(done=done, total=total or 0)

    def phase(self, name: str) -> None:
        self._note(phase=name)

    def _note(self, **facts: Any) -> None:
        if connection.in_atomic_block:
            return
        self._last = time.monotonic()
        with suppress(OperationalError):
            self._rows.update(**facts)


def _now() -> datetime:
    return as_datetime(Log().clock())
