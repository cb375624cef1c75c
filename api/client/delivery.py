"""Sends what a journal has, in order, each event once."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

from .clock import written
from .spool import Journal, Spool
from .transport import Body, RefusedForGood, Transport

FUTURE = "time_in_future"
GONE = "restore_not_found"
ENDED = frozenset({"restore_not_running", "restore_finished"})
INTERRUPTED = "The wrapper ended before the restore did. The outcome was not seen."


@dataclass
class Sent:
    """What became of the files of a spool."""

    recorded: list[str] = field(default_factory=list)
    refused: list[Body] = field(default_factory=list)


def deliver(journal: Journal, transport: Transport) -> None:
    """Send the events that the log does not have yet.

    Raises `NotReached` if it has to go on later, and `RefusedForGood` if it never will; then the
    journal has the refusal.
    """
    restarted = False
    while True:
        waiting = journal.unsent
        if not waiting:
            return
        event = waiting[0]
        attempt = f"{journal.shifted} {journal.again}"
        try:
            transport.send(
                journal.stream_id,
                event.command,
                journal.moved(event),
                key=event.key(journal.stream_id, attempt),
            )
        except RefusedForGood as error:
            if error.code == FUTURE and error.ahead and error.ahead > 0 and not journal.shifted:
                # The log's word is that this clock is wrong. The difference is kept first: an
                # event that is sent again has to be the same.
                journal.shifted = -round(error.ahead, 3)
                journal.note(shifted=journal.shifted)
                continue
            if error.code == GONE and event.sequence > 1 and not restarted:
                # The service's database was restored to a time before the request.
                restarted, journal.recorded = True, 0
                continue
            if error.code in ENDED and _is_guess(event.body):
                # Somebody else has told how it ended, who knows better than we do.
                journal.recorded = event.sequence
                continue
            _refuse(journal, event.sequence, error)
            raise
        journal.recorded = event.sequence
        journal.note(recorded=event.sequence)


def deliver_all(
    spool: Spool, transport: Transport, *, stop: Callable[[], bool] = lambda: False
) -> Sent:
    """Send everything that waits and that no running wrapper has, until `stop()`.

    Raises `NotReached` at the first event that has to wait; those before it are recorded.
    """
    sent = Sent()
    for journal in spool.taken():
        if stop():
            break
        if _sent(journal, transport):
            if journal.begun:
                sent.recorded.append(journal.stream_id)
            journal.remove()
        else:
            sent.refused.append({"stream_id": journal.stream_id, **(journal.refusal or {})})
            journal.set_aside()
    return sent


def _sent(journal: Journal, transport: Transport) -> bool:
    """Send the journal of a process that is gone; whether all of it was accepted."""
    if journal.damaged:
        _refuse(journal, 0, RefusedForGood(journal.damaged, status=0, code="damaged"))
    if journal.refusal is not None:
        return False
    if journal.begun and not journal.ended:
        journal.add("fail", _interrupted(journal))
    try:
        deliver(journal, transport)
    except RefusedForGood:
        return False
    return True


def _interrupted(journal: Journal) -> Body:
    """The end of a restore whose wrapper died, at the last moment at which it was seen alive."""
    times = [value for event in journal.events for name, value in event.body.items()
             if name == "at" or name.endswith("_at")]  # fmt: skip
    last = max(map(datetime.fromisoformat, times), default=datetime.now(timezone.utc))
    if journal.lock is not None:
        touched = datetime.fromtimestamp(os.fstat(journal.lock).st_mtime, timezone.utc)
        last = max(last, min(touched, datetime.now(timezone.utc)))
    return {"failed_at": written(last), "cause": "interrupted", "message": INTERRUPTED}


def _is_guess(body: Body) -> bool:
    return body.get("cause") == "interrupted"


def _refuse(journal: Journal, sequence: int, error: RefusedForGood) -> None:
    facts: dict[str, Any] = {
        "refused": sequence,
        "status": error.status,
        "code": error.code,
        "detail": str(error),
    }
    journal.refusal = facts
    journal.note(**facts)
