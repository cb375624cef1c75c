"""Loads the generations of a rebuild: prepares parts of the log ahead and writes them in order."""

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from itertools import islice

from django.db import transaction

from projections.engine.parallel import Helpers
from projections.engine.prepare import Prepared, Span, prepare, spans
from projections.engine.runner import CatchUpRunner, Progress

Ahead = tuple[Span, Future[Prepared | None] | Prepared | None]


MOST = 2
"""How many prepared parts may wait for each one that helpers have, so that memory is bounded."""


def bulk_load(feeder: CatchUpRunner, helpers: Helpers, progress: Progress | None = None) -> None:
    """Load until the end of the log, or until so little is left that the switch can apply it.

    Raises the error that stops a projection, or that of the log; the generations then stop there.
    """
    size = feeder.dialect.chunk
    while True:
        before = feeder.feeds[0].generation.position
        head = feeder.log.head().position
        parts = _in_order(feeder, helpers, spans(before, head, size))
        while some := list(islice(parts, feeder.dialect.parts)):
            with transaction.atomic(using=feeder.log.using, savepoint=False):
                feeder.dialect.unhurried_commit()
                for span, prepared in some:
                    if prepared is None or not feeder.take_in_prepared(span.upto, prepared):
                        _event_by_event(feeder, span)
            if progress is not None:
                progress(some[-1][0].upto, head)
        if head - before < size:
            return


def _event_by_event(feeder: CatchUpRunner, span: Span) -> None:
    feeder.advance(span.upto)
    for feed in feeder.feeds:
        if feed.error is not None:
            raise feed.error


def _in_order(
    feeder: CatchUpRunner, helpers: Helpers, parts: Iterable[Span]
) -> Iterator[tuple[Span, Prepared | None]]:
    """Each part, with its preparation; None if it cannot be prepared.

    Helpers prepare parts ahead of the one that is needed. If that is not ready yet, this process
    prepares one of the following parts instead of waiting. Tasks of helpers are never cancelled:
    if a process of a pool dies, cancelled tasks make the pool fail.
    """
    scopes = [(feed.projection.label, feed.generation.scope) for feed in feeder.feeds]

    def here(span: Span) -> Prepared | None:
        return prepare(feeder.log, feeder.dialect, scopes, span)

    def wanted() -> bool:
        """Whether the helpers should be given another part."""
        if len(ahead) <= helpers.ahead:
            return True
        waiting = sum(isinstance(one, Future) and not one.done() for _, one in ahead)
        return waiting < helpers.ahead and len(ahead) < most and helpers.ready()

    parts = iter(parts)
    ahead: deque[Ahead] = deque()
    most = MOST * helpers.ahead
    while True:
        while wanted() and (span := next(parts, None)):
            ahead.append((span, helpers.prepare(scopes, span)))
        if not ahead:
            return
        span, result = ahead[0]
        while (
            isinstance(result, Future)
            and not result.done()
            and len(ahead) < most
            and (following := next(parts, None))
        ):
            ahead.append((following, here(following)))
        if isinstance(result, Future):
            result = helpers.result(result)
        ahead.popleft()
        yield span, here(span) if result is None else result
