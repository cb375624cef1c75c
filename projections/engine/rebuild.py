"""Rebuilding projections: replay beside the tables that readers read, then switch."""

import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

from django.db import connections, transaction

from infrastructure.event_store.chain import GENESIS
from infrastructure.event_store.log import Log
from projections.digest import digest_of_hashes
from projections.engine import checkpoints, generations, parallel
from projections.engine.dialects import dialect_for
from projections.engine.errors import UnknownScope
from projections.engine.feed import Feed, Feeder, Progress, without_gc
from projections.engine.models import Generation, Scope, State
from projections.engine.registry import Projection, chosen

OnPhase = Callable[[str], None]
"""Called as each phase begins: prepare, load, finish, digest, switch, commit, done.

`commit` is the last moment of the switch's transaction.
"""


@dataclass(frozen=True)
class Result:
    """What a rebuild made of one projection. `changes` is whether the table read otherwise before.

    `changes` is only looked at in a dry run; it is None when the live table is gone or broken.
    """

    events: int
    rows: int
    withheld: int
    digest: str
    seconds: float
    changes: bool | None = None


@dataclass(frozen=True)
class Rebuilt:
    """What a rebuild did. The digests are of the tables as of `position`."""

    projections: dict[str, Result]
    position: int


def rebuild(
    labels: Iterable[str] | None = None,
    *,
    scope: str | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
    on_phase: OnPhase | None = None,
    workers: int | None = None,
    executor: Executor | None = None,
    using: str = "default",
) -> Rebuilt:
    """Replay the whole log into new generations of these projections, and switch to them.

    All of them are switched in one transaction; readers see the old tables until then. `scope`
    is which origins stand in them, as now if it is not given. What an earlier rebuild left
    when it was killed is cleared away first.

    `workers` is how many processes share the work, by default as many as the log is worth.
    `executor` is what runs them, by default a pool of new processes on this machine.

    Raises `RebuildRunning`, `SwitchBlocked`, `ProjectorFailed`, or what the log raises; the live
    tables are as they were then.
    """
    if scope is not None and scope not in Scope.values:
        raise UnknownScope(scope)
    enter = on_phase or (lambda phase: None)
    projections = chosen(labels)
    started = time.monotonic()
    dialect, log = dialect_for(connections[using]), Log(using)
    if workers is None:
        workers = parallel.workers_for(log.head().position)
    with dialect.only_one_rebuild():
        enter("prepare")
        generations.clear_building(dialect)
        feeds = [_begin(projection, scope, using) for projection in projections]
        try:
            feeder = Feeder(log, feeds)
            with parallel.pool(workers, executor) as pool:
                enter("load")
                with dialect.unhurried(), without_gc():
                    if pool is not None:
                        _load_in_parallel(pool, workers, feeder, progress)
                    _load(feeder, progress)
                enter("finish")
                dialect.finish([feed.place for feed in feeds])
                enter("digest")
                position = feeds[0].generation.position
                digests = _digests(pool, feeds, using)
            results = {
                feed.projection.label: Result(
                    events=feed.events,
                    rows=feed.generation.rows,
                    withheld=feed.generation.withheld.count(),
                    digest=digests[feed.projection.label],
                    seconds=time.monotonic() - started,
                    changes=_changes(feed, digests, using) if dry_run else None,
                )
                for feed in feeds
            }
            if not dry_run:
                enter("switch")
                generations.switch(dialect, feeder, feeds, before_commit=lambda: enter("commit"))
                enter("done")
        finally:
            generations.clear_building(dialect)
    return Rebuilt(results, position)


def _begin(projection: Projection, scope: str | None, using: str) -> Feed:
    """An empty building generation, and its table."""
    dialect = dialect_for(connections[using])
    place = dialect.place(projection.model, projection.key, State.BUILDING)
    with transaction.atomic(using=using):
        generation = Generation.objects.using(using).create(
            label=projection.label,
            scope=scope or checkpoints.live(projection, using).scope,
            projector_version=projection.version,
            state=State.BUILDING,
            hash=GENESIS,
            created_at=checkpoints.now(),
        )
        dialect.create(place)
    return Feed(projection, generation, place)


def _load_in_parallel(
    pool: Executor, workers: int, feeder: Feeder, progress: Progress | None
) -> None:
    """Have others take in the log as it is now, and move the checkpoints when they have."""
    head = feeder.log.head()
    if head.position == 0:
        return
    generations = [feed.generation for feed in feeder.feeds]
    rows = parallel.load(pool, workers, generations, head.position, progress)
    for feed in feeder.feeds:
        feed.events = head.position
        checkpoints.move(feed.generation, head.position, head.hash, rows[feed.generation.pk])


def _load(feeder: Feeder, progress: Progress | None) -> None:
    """Until there is nothing more in the log, or little enough for the switch to take in."""
    while True:
        before = feeder.feeds[0].generation.position
        feeder.advance(progress=progress)
        for feed in feeder.feeds:
            if feed.error is not None:
                raise feed.error
        if feeder.feeds[0].generation.position - before < feeder.dialect.chunk:
            return


def _digests(pool: Executor | None, feeds: Sequence[Feed], using: str) -> dict[str, str]:
    """The digests of the tables as they stand before the switch."""
    if pool is not None:
        return parallel.digests(pool, [feed.projection.label for feed in feeds], using)
    dialect = dialect_for(connections[using])
    return {
        feed.projection.label: digest_of_hashes(dialect.row_hashes(feed.place)) for feed in feeds
    }


def _changes(feed: Feed, digests: dict[str, str], using: str) -> bool | None:
    """Whether the live table reads otherwise than the rebuilt one."""
    dialect = dialect_for(connections[using])
    place = dialect.place(feed.projection.model, feed.projection.key, State.LIVE)
    found = generations.digest_of(dialect, place)
    return None if found is None else found != digests[feed.projection.label]
