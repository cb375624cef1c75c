"""The log's events as they come: none missed, none twice, also when the service was away."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterator
from time import monotonic, sleep

from .event_stream import StreamMessage
from .http_transport import HttpTransport
from .transport import Body, NotReached, RefusedForGood

EVENTS = "audit/events/"
PAUSE = 2.0
"""Seconds between two looks, and before connecting again, if the service does not say how many."""
LONGEST_PAUSE = 60.0
SILENCE = 45.0
"""Seconds after which a silent stream is taken for lost: the service says something every 15."""
WITHOUT_STREAMS = 300.0
"""Seconds of asking for pages after which a stream is tried again."""
NOT_STREAMED = 406


class LogFollower:
    """Follows the whole log from now on.

    By server-sent events; by asking for pages where the service, or what is before it, lets none
    through. `warn` gets a line when the service is lost, when it is back, and when pages are asked
    for.
    """

    def __init__(
        self,
        service: HttpTransport,
        warn: Callable[[str], None],
        *,
        silence: float = SILENCE,
    ) -> None:
        self.service, self.warn = service, warn
        self._silence = silence
        self._cursor = ""
        """Where to go on: after the last event that was handed out, or later."""
        self._position = 0
        self._pause = PAUSE
        self._lost = ""
        """What the service was lost by, if it is lost."""
        self._told = ""
        """Why pages are asked for, as it was said last."""
        self._deaf = 0
        """How many streams in a row ended before anything came."""

    def events(self) -> Iterator[Body]:
        """Each event once, in order; without an end.

        Raises `NotReached` if the service cannot be reached at first, and `RefusedForGood` if its
        log is no longer the one that was followed.
        """
        newest = self.service.get(EVENTS, ordering="-position", page_size=1)["results"]
        if newest:
            self._cursor, self._position = newest[0]["cursor"], newest[0]["position"]
        else:
            yield from self._pages()
        tries = 0
        while True:
            try:
                yield from self._streamed()
                tries = 0
            except RefusedForGood as error:
                if error.status != NOT_STREAMED:
                    raise
                yield from self._asked("This service sends no streams", None)
            except NotReached as error:
                tries += 1
                self._say_lost(str(error))
                sleep(max(error.wait or 0.0, self._before_try(tries)))
                if self._deaf and (yield from self._answers()) and self._deaf > 1:
                    yield from self._asked(f"No stream comes through ({error})", WITHOUT_STREAMS)
            else:
                sleep(self._pause)

    def _streamed(self) -> Iterator[Body]:
        """The events of one stream, until it ends."""
        self._deaf += 1
        for message in self.service.stream(EVENTS, last_id=self._cursor, silence=self._silence):
            self._deaf, self._told = 0, ""
            self._say_back()
            if message.retry is not None:
                self._pause = message.retry
            if message.event == "end":
                return self._ended(message)
            if message.data:
                yield from self._new([_read(message)])
            if message.id:
                self._cursor = message.id

    def _answers(self) -> Generator[Body, None, bool]:
        """The events that have come since, and whether the service answers pages."""
        try:
            yield from self._pages()
        except NotReached:
            self._deaf = 0
            return False
        self._say_back()
        return True

    def _asked(self, why: str, seconds: float | None) -> Iterator[Body]:
        """The same by asking for pages, for so long; None is for good."""
        if self._told != why:
            self._told = why
            self.warn(f"{why.rstrip('.')}. New events are asked for every {PAUSE:g} seconds.")
        until = None if seconds is None else monotonic() + seconds
        while until is None or monotonic() < until:
            try:
                yield from self._pages()
                self._say_back()
            except NotReached as error:
                self._say_lost(str(error))
                if until is not None:
                    return
            sleep(PAUSE)

    def _pages(self) -> Iterator[Body]:
        """The events that have come since."""
        while True:
            page = self.service.get(EVENTS, after=self._cursor)
            yield from self._new(page["results"])
            self._cursor = page.get("cursor") or self._cursor
            if not page.get("next"):
                return

    def _new(self, events: list[Body]) -> Iterator[Body]:
        for event in events:
            if event["position"] > self._position:
                yield event
                self._position = event["position"]

    def _ended(self, message: StreamMessage) -> None:
        """What the service says as it ends a stream."""
        said = _read(message)
        code, detail = str(said.get("code", "")), str(said.get("detail", ""))
        if code == "log_changed":
            raise RefusedForGood(detail, status=409, code=code)
        if code != "server_stopping":
            raise NotReached(detail or code)

    def _before_try(self, tries: int) -> float:
        return float(min(self._pause * 2 ** min(tries - 1, 10), LONGEST_PAUSE))

    def _say_lost(self, why: str) -> None:
        if self._lost != why:
            self._lost = why
            self.warn(f"{why.rstrip('.')}. To go on after event {self._position:,}.")

    def _say_back(self) -> None:
        if self._lost:
            self._lost = ""
            self.warn(f"The log answers again, after event {self._position:,}.")


def _read(message: StreamMessage) -> Body:
    try:
        found = json.loads(message.data)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise NotReached("What comes is not an event of a restore log.")
    return found
