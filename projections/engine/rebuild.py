"""Rebuilding projections: replay beside the tables that readers read, then switch."""

import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import chain

from django.db import connections

from infrastructure.event_store.log import Log
from infrastructure.event_store.remembered_heads import refuse_lost_events
from projections.digest import digest_of_hashes
from projections.engine import building_tasks, checkpoints, generations, parallel, worker_tasks
from projections.engine.bulk_load import bulk_load
from projections.engine.dialects import table_dialect
from projections.engine.dialects.base import TableDialect, TableLocation
from projections.engine.models import GenerationState
from projections.engine.rebuild_diff import RebuildDiff, rebuild_diff
from projections.engine.registry import projections_named
from projections.engine.runner import CatchUpRunner, Progress, ProjectionRun
from projections.engine.scopes import refuse_unknown, scope_of

OnPhase = Callable[[str], None]
"""Called as each phase begins: prepare, load, finish, digest, switch, commit, done.

`commit` is the last moment of the switch's transaction.
"""


@dataclass(frozen=True)
class Result:
    """What a rebuild made of one projection. `rebuild_diff` is what the switch would change.

    `rebuild_diff` is only looked at in a dry run; it is None when the live table is gone or broken.
    """

    events: int
    rows: int
    withheld: int
    digest: str
    seconds: float
    changes: RebuildDiff | None = None


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
    is which origins stand in them, by default those that the log says. What an earlier rebuild
    left when it was killed is cleared away first.

    `workers` is how many processes share the work, this one among them, by default as many as the
    log is worth. `executor` is what runs the others, by default new processes on this machine.

    Raises `RebuildRunning`, `SwitchBlocked`, `ProjectorFailed`, or what the log raises, such as
    `LogLostEvents`; the live tables are as they were then.
    """
    started = time.monotonic()
    if not dry_run:
        log = Log(using)
        refuse_lost_events(log, checkpoints.not_in_log(log))
    with built(
        labels,
        scope=scope,
        progress=progress,
        on_phase=on_phase,
        workers=workers,
        executor=executor,
        using=using,
    ) as new:
        new.enter("digest")
        digests = new.digests()
        results = {
            feed.projection.label: Result(
                events=feed.events,
                rows=feed.generation.rows,
                withheld=feed.generation.withheld.count(),
                digest=digests[feed.projection.label],
                seconds=time.monotonic() - started,
                changes=_changes(new, feed, digests[feed.projection.label]) if dry_run else None,
            )
            for feed in new.feeds
        }
        position = new.position
        if not dry_run:
            new.enter("switch")
            new.switch()
            new.enter("done")
    return Rebuilt(results, position)


@dataclass
class PendingRebuild:
    """New generations, loaded and indexed beside the live ones, and not switched to yet."""

    dialect: TableDialect
    feeder: CatchUpRunner
    feeds: list[ProjectionRun]
    helpers: parallel.Helpers
    enter: OnPhase

    @property
    def position(self) -> int:
        """Where the generations stand, all of them alike."""
        return self.feeds[0].generation.position

    @property
    def places(self) -> dict[str, TableLocation]:
        """Where their rows are, by label."""
        return {feed.projection.label: feed.place for feed in self.feeds}

    def digests(self) -> dict[str, str]:
        """The tables' digests, by label."""
        here = partial(building_tasks.hash_rows, using=self.feeder.log.using)
        pieces: dict[str, list[building_tasks.Piece]] = {
            feed.projection.label: [
                (feed.projection.label, *ids)
                for ids in self.dialect.pieces(feed.place, feed.generation.rows)
            ]
            for feed in self.feeds
        }
        hashes = self.helpers.each(here, worker_tasks.row_hashes, list(chain(*pieces.values())))
        return {
            label: digest_of_hashes(hashes[piece] for piece in its) for label, its in pieces.items()
        }

    @property
    def labels(self) -> list[str]:
        """The largest first: there is time for the others beside it."""
        by_size = sorted(self.feeds, key=lambda feed: -feed.generation.rows)
        return [feed.projection.label for feed in by_size]

    def switch(self, under_lock: Callable[[], None] | None = None) -> None:
        """Put them in the live ones' place; see `generations.switch`."""
        generations.switch(
            self.dialect,
            self.feeder,
            self.feeds,
            under_lock=under_lock,
            before_commit=lambda: self.enter("commit"),
        )


@contextmanager
def built(
    labels: Iterable[str] | None = None,
    *,
    scope: str | None = None,
    progress: Progress | None = None,
    on_phase: OnPhase | None = None,
    workers: int | None = None,
    executor: Executor | None = None,
    using: str = "default",
) -> Iterator[PendingRebuild]:
    """New generations of these projections, for as long as the block lasts or until the switch.

    The arguments, and what is raised, are those of `rebuild`. One process at a time may be here.
    """
    if scope is not None:
        refuse_unknown(scope)
    enter = on_phase or (lambda phase: None)
    projections = projections_named(labels)
    dialect, log = table_dialect(connections[using]), Log(using)
    if workers is None:
        workers = parallel.workers_for(log.head().position)
    with dialect.only_one_rebuild(), parallel.helping(workers, executor, using) as helpers:
        enter("prepare")
        generations.clear_building(dialect)
        feeds = [
            generations.begin(projection, scope or scope_of(projection, using), using=using)
            for projection in projections
        ]
        try:
            new = PendingRebuild(dialect, CatchUpRunner(log, feeds), feeds, helpers, enter)
            enter("load")
            with dialect.unhurried(), building_tasks.without_gc():
                bulk_load(new.feeder, helpers, progress)
            enter("finish")
            helpers.each(
                partial(building_tasks.finish_table, using=using), worker_tasks.finish, new.labels
            )
            yield new
        finally:
            generations.clear_building(dialect)


def _changes(new: PendingRebuild, feed: ProjectionRun, digest: str) -> RebuildDiff | None:
    """What the switch would change in the live table."""
    dialect, projection = new.dialect, feed.projection
    place = dialect.place(projection.model, projection.key, GenerationState.LIVE)
    found = generations.digest_of(dialect, place)
    if found is None:
        return None
    live = checkpoints.live(projection, dialect.connection.alias)
    versions = (live.projector_version, projection.version)
    return rebuild_diff(dialect, place, feed.place, versions=versions, same=found == digest)
