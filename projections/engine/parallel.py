"""Loading building generations by several processes, each with a share of the streams.

Streams are independent of each other, so a share's events make its rows whatever the others do.
Tasks keep nothing for the next one: any worker of any `Executor`, here or on another machine, may
run one, as long as the tasks of a share come one after the other.
"""

import multiprocessing
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from typing import Any

from django.db import connections

from projections.engine.feed import Progress
from projections.engine.models import Generation
from projections.engine.worker import Task, digest, end_with_parent, take_in

STEP = 20_000
"""Positions of the log for one task."""
WORTH_IT = 100_000
"""Events from which on starting processes takes less time than they save."""
MOST = 16
"""A share is known by the first digit of a stream's id."""
NEEDED = ("ENGINE", "NAME", "USER", "PASSWORD", "HOST", "PORT", "OPTIONS")


def workers_for(events: int) -> int:
    """How many processes a log of this length is worth: one for each processor, or just this."""
    if events < WORTH_IT:
        return 1
    if hasattr(os, "sched_getaffinity"):
        return min(len(os.sched_getaffinity(0)), MOST)
    return min(os.cpu_count() or 1, MOST)


@contextmanager
def pool(workers: int, executor: Executor | None = None) -> Iterator[Executor | None]:
    """The executor, or new processes on this machine, which end when this one does.

    None when one worker is enough: then this process does the work.
    """
    if workers < 2:
        yield None
    elif executor is not None:
        yield executor
    else:
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(workers, context, initializer=end_with_parent) as processes:
            yield processes


def load(
    executor: Executor,
    shares: int,
    generations: Sequence[Generation],
    upto: int,
    progress: Progress | None = None,
) -> dict[int, int]:
    """Take in the log up to a position; returns the number of rows by generation.

    The checkpoints stay where they are. Raises what the projectors and the log raise, but only
    once no task is running any more.
    """
    whole = Task(
        database=_settings(str(generations[0]._state.db)),
        generations=tuple(generation.pk for generation in generations),
        share=(0, shares),
        after=0,
        upto=0,
    )
    rows = dict.fromkeys(whole.generations, 0)
    running: dict[Future[dict[int, int]], Task] = {}
    done_by_all = 0

    def go_on(before: Task) -> None:
        if before.upto < upto:
            task = before._replace(after=before.upto, upto=min(before.upto + STEP, upto))
            running[executor.submit(take_in, task)] = task

    for number in range(shares):
        go_on(whole._replace(share=(number, shares)))
    try:
        while running:
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                task = running.pop(future)
                for generation, more in future.result().items():
                    rows[generation] += more
                done_by_all += task.upto - task.after
                go_on(task)
            if progress is not None:
                progress(done_by_all // shares, upto)
    finally:
        for future in running:
            future.cancel()
        wait(running)
    return rows


def digests(executor: Executor, labels: Sequence[str], using: str) -> dict[str, str]:
    """The digests of the tables that are being built for these projections."""
    database = _settings(using)
    found = {label: executor.submit(digest, database, label) for label in labels}
    return {label: future.result() for label, future in found.items()}


def _settings(using: str) -> dict[str, Any]:
    database = connections[using].settings_dict
    return {name: database[name] for name in NEEDED}
