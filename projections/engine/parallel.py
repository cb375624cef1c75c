"""Other processes that help with a rebuild. Whatever they cannot do, this one does itself.

They read and fold, each part of the log on its own; only this process writes. Tasks keep nothing
for the next one: any worker of any `Executor`, here or on another machine, may run one.
"""

import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Hashable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

from django.db import connections

from projections.engine import worker_tasks
from projections.engine.prepare import Prepared, Span
from projections.engine.registry import apps_with_projections

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)

WORTH_IT = 50_000
"""Events from which on starting processes takes less time than they save."""
NEEDED = ("ENGINE", "NAME", "USER", "PASSWORD", "HOST", "PORT", "OPTIONS")


def workers_for(events: int) -> int:
    """How many processes a log of this length is worth: one for each processor, or just this."""
    if events < WORTH_IT:
        return 1
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Helpers:
    """The other processes, as this one sees them. There may be none; none needs to be ready."""

    def __init__(self, executor: Executor | None, count: int, using: str) -> None:
        self.executor = executor
        self.count = count
        self.ahead = 5 * count if executor else 0
        """How many parts of the log to have prepared beside the one that is needed."""
        settings = connections[using].settings_dict
        database = {name: settings[name] for name in NEEDED}
        self.service = worker_tasks.Service(database, apps_with_projections())
        self.begun = executor.submit(worker_tasks.set_up, self.service) if executor else None

    def ready(self) -> bool:
        """Whether one of them has started, and works."""
        return self.begun is not None and self.begun.done() and self.begun.exception() is None

    def prepare(
        self, scopes: Sequence[tuple[str, str]], span: Span
    ) -> Future[Prepared | None] | None:
        """Have a part of the log prepared; None while there is nobody to do it."""
        return self._submit(worker_tasks.prepare_part, scopes, tuple(span))

    def each(
        self, here: Callable[[K], T], there: Callable[..., T], things: Sequence[K]
    ) -> dict[K, T]:
        """Do something for each of these, the largest first, here and by helpers.

        `there` is the same for the helpers, which takes the service first.
        """
        waiting = deque(things)
        given: dict[K, Future[T]] = {}
        done: dict[K, T] = {}

        def give() -> None:
            """Each helper has one to do, and one more lies ready for whoever is done first."""
            while waiting and sum(not one.done() for one in given.values()) <= self.count:
                future = self._submit(there, waiting[0])
                if future is None:
                    return
                given[waiting.popleft()] = future

        while waiting:
            thing = waiting.popleft()
            give()
            done[thing] = here(thing)
        for thing, future in given.items():
            failed = future.cancelled() or future.exception() is not None
            done[thing] = here(thing) if failed else future.result()
        return done

    def result(self, future: Future[T]) -> T | None:
        """What a helper made; None if it could not, or has died."""
        return None if future.cancelled() or future.exception() is not None else future.result()

    def _submit(self, function: Callable[..., T], *arguments: Any) -> Future[T] | None:
        if self.executor is None or not self.ready():
            return None
        try:
            return self.executor.submit(function, self.service, *arguments)
        except RuntimeError:
            # Its processes have died, so it takes no more.
            self.executor = None
            return None


@contextmanager
def helping(workers: int, executor: Executor | None, using: str) -> Iterator[Helpers]:
    """So many processes less this one: the executor's, or new ones that end when this one does."""
    if workers < 2 or connections[using].in_atomic_block:
        yield Helpers(None, 0, using)
    elif executor is not None:
        yield Helpers(executor, workers - 1, using)
    else:
        context = multiprocessing.get_context("spawn")
        pool = ProcessPoolExecutor(workers - 1, context, initializer=worker_tasks.end_with_parent)
        try:
            yield Helpers(pool, workers - 1, using)
        finally:
            pool.shutdown(cancel_futures=True)
