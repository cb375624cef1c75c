"""New events as they come: none missed, none twice, also when the database was away."""

import select
import time
from collections.abc import Callable, Iterator, Sequence
from typing import IO
from uuid import UUID

from django.db import InterfaceError, OperationalError

from api.management.reasons import reason
from domain.errors import RestoreLogError
from domain.messages import Message, remedy
from infrastructure.event_store.log import Log
from projections.history.change_history import EventChanges
from projections.history.stream_names import names_of

INTERVAL = 0.5
"""Seconds between two looks at the log."""
LOST = (OperationalError, InterfaceError)
"""What a database raises that is restarted, or cannot be reached."""


class FollowedLogChanged(RestoreLogError):
    """The log does not contain the last event that was shown: what follows is not its sequel."""

    code = "followed_log_changed"

    def __init__(self, position: int) -> None:
        super().__init__(
            Message(
                f"The log is no longer the one that was followed: event {position:,}, the last "
                "that was seen, is missing or another one. It may have been restored from a "
                "backup. Check it (",
                remedy("verify_log"),
                "), and follow again.",
            )
        )


class Follower:
    """Follows the log, or one restore, from a position on.

    `read` yields the followed events after a position with what they changed. `complain` gets a
    line when the database is lost, and one when it is back.
    """

    def __init__(
        self,
        read: Callable[[int], Iterator[EventChanges]],
        after: int,
        complain: Callable[[str], None],
    ) -> None:
        self.read, self.complain = read, complain
        self.shown = after
        """The position of the last event that was handed out, or that was there before."""
        self._at, self._hash = after, Log().hash_at(after)
        self._lost = False

    def look(self) -> Iterator[EventChanges]:
        """The events since the last look. None, for now, if the database cannot be reached."""
        try:
            yield from self._new()
        except LOST as error:
            if not self._lost:
                self.complain(
                    f"{reason(error).rstrip('.')}. Waiting for it, to go on after "
                    f"position {self.shown:,}."
                )
            self._lost = True
            Log().connection.close()
        else:
            if self._lost:
                self.complain(f"The database answers again, after position {self.shown:,}.")
            self._lost = False

    def names(self, steps: Sequence[EventChanges]) -> dict[UUID, str]:
        """The names of what these events are about; none if the database was lost meanwhile."""
        try:
            return names_of([step.event.originator_id for step in steps])
        except LOST:
            return {}

    def _new(self) -> Iterator[EventChanges]:
        log = Log()
        head = log.head()
        if (head.position, head.hash) == (self._at, self._hash):
            return
        if log.hash_at(self._at) != self._hash:
            raise FollowedLogChanged(self._at)
        for step in self.read(self.shown):
            yield step
            self.shown = step.event.position
        self.shown = max(self.shown, head.position)
        self._at, self._hash = self.shown, log.hash_at(self.shown)


def pause(output: IO[str]) -> None:
    """Wait for the next look. Raises `BrokenPipeError` as soon as the reader has gone."""
    try:
        descriptor = output.fileno()
    except OSError:
        time.sleep(INTERVAL)
        return
    poll = select.poll()
    poll.register(descriptor, 0)
    if poll.poll(INTERVAL * 1000):
        raise BrokenPipeError
