"""Helper processes for a rebuild, on this machine or on a cluster: see `cluster`.

Helpers read and fold, each part of the log on its own; only this process writes rows. It does
itself what they cannot do.
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
from projections.engine.cluster.address import SchedulerAddress
from projections.engine.cluster.connecting import cluster_workers
from projections.engine.prepare import Prepared, Span
from projections.engine.registry import apps_with_projections

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)

WORTH_IT = 50_000
"""From this many events, helper processes save more time than it takes to start them."""
NEEDED = ("ENGINE", "NAME", "USER", "PASSWORD", "HOST", "PORT", "OPTIONS")


def workers_for(events: int) -> int:
    """How many processes to use for a log of this length: one per processor, or only this one."""
    if events < WORTH_IT:
        return 1
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Helpers:
    """The helper processes. There may be none, and they may not be ready yet."""

    def __init__(
        self,
        executor: Executor | None = None,
        count: int = 0,
        service: worker_tasks.Service | None = None,
        begun: "Future[None] | None" = None,
    ) -> None:
        self.executor = executor
        self.count = count
        self.ahead = 5 * count if executor else 0
        """How many parts of the log to prepare besides the one that is needed."""
        self.service = service
        self.begun = begun

    def ready(self) -> bool:
        """Whether at least one of them has started and works."""
        return self.begun is not None and self.begun.done() and self.begun.exception() is None

    def prepare(
        self, scopes: Sequence[tuple[str, str]], span: Span
    ) -> Future[Prepared | None] | None:
        """Have a helper prepare a part of the log; None while no helper is available."""
        return self._submit(worker_tasks.prepare_part, scopes, tuple(span))

    def each(
        self, here: Callable[[K], T], there: Callable[..., T], things: Sequence[K]
    ) -> dict[K, T]:
        """Process each of these items, the largest first, in this process and in helpers.

        `there` is the function that helpers run; it takes the service as its first argument.
        """
        waiting = deque(things)
        given: dict[K, Future[T]] = {}
        done: dict[K, T] = {}

        def give() -> None:
            """Give each helper one item, and queue one more for the first that finishes."""
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
        """A helper's result; None if it failed or has died."""
        return None if future.cancelled() or future.exception() is not None else future.result()

    def _submit(self, function: Callable[..., T], *arguments: Any) -> Future[T] | None:
        if self.executor is None or not self.ready():
            return None
        try:
            return self.executor.submit(function, self.service, *arguments)
        except RuntimeError:
            # They have died. Those of a cluster may come back.
            return None


@contextmanager
def helping(workers: int, scheduler: SchedulerAddress | None, using: str) -> Iterator[Helpers]:
    """All processes but this one: a cluster's workers, or new ones that end when this one ends."""
    if connections[using].in_atomic_block:
        yield Helpers()
    elif scheduler is not None:
        with cluster_workers(scheduler, using) as theirs:
            # They have been asked, so they have begun.
            begun: Future[None] = Future()
            begun.set_result(None)
            yield Helpers(theirs, theirs.threads, theirs.service, begun)
    elif workers < 2:
        yield Helpers()
    else:
        context = multiprocessing.get_context("spawn")
        pool = ProcessPoolExecutor(workers - 1, context, initializer=worker_tasks.end_with_parent)
        settings = connections[using].settings_dict
        database = {name: settings[name] for name in NEEDED}
        service = worker_tasks.Service(database, apps_with_projections())
        try:
            begun = pool.submit(worker_tasks.set_up, service)
            yield Helpers(pool, workers - 1, service, begun)
        finally:
            pool.shutdown(cancel_futures=True)
