"""The rebuild of projections: replays the log into new tables, then makes them the live ones."""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import chain

from django.db import connections

from infrastructure.event_store.log import Log
from infrastructure.event_store.remembered_heads import refuse_lost_events
from projections.digest import digest_of_hashes
from projections.engine import (
    building_tasks,
    checkpoints,
    generations,
    parallel,
    search,
    worker_tasks,
)
from projections.engine.bulk_load import bulk_load
from projections.engine.cluster.address import SchedulerAddress
from projections.engine.dialects import table_dialect
from projections.engine.dialects.base import TableDialect, TableLocation
from projections.engine.models import GenerationState
from projections.engine.rebuild_diff import RebuildDiff, rebuild_diff
from projections.engine.registry import projections_named
from projections.engine.runner import CatchUpRunner, Progress, ProjectionRun
from projections.engine.scopes import refuse_unknown, scope_of
from projections.engine.search import SearchIndex

OnPhase = Callable[[str], None]
"""Called as each phase begins: prepare, load, finish, digest, switch, commit, search, done.

`commit` is the last moment of the switch's transaction. In `search` the new tables are live, and
get their search indexes.
"""


@dataclass(frozen=True)
class Result:
    """The result of a rebuild for one projection. `rebuild_diff` is what the switch would change.

    It is computed only in a dry run, and is None if the live table is missing or broken.
    """

    events: int
    rows: int
    withheld: int
    digest: str
    seconds: float
    changes: RebuildDiff | None = None


@dataclass(frozen=True)
class Rebuilt:
    """The result of a rebuild. The digests are those of the tables as of `position`.

    `search` are the search indexes that were made after the switch.
    """

    projections: dict[str, Result]
    position: int
    search: dict[str, SearchIndex]


def rebuild(
    labels: Iterable[str] | None = None,
    *,
    scope: str | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
    on_phase: OnPhase | None = None,
    workers: int | None = None,
    scheduler: SchedulerAddress | None = None,
    using: str = "default",
) -> Rebuilt:
    """Replay the whole log into new generations of these projections, and switch to them.

    All of them are switched in one transaction; readers see the old tables until then. `scope`
    says which rows are in them, by default the scope in force. Leftovers of a rebuild that was
    killed are removed first.

    `workers` is how many processes share the work, including this one; the default depends on the
    log's length. With `scheduler` the workers of that cluster do, besides this process.

    Raises `RebuildRunning`, `SwitchBlocked`, `ProjectorFailed`, `ClusterError`, or an error of the
    log, such as `LogLostEvents`; the live tables are then unchanged.
    """
    started = time.monotonic()
    made: dict[str, SearchIndex] = {}
    if not dry_run:
        log = Log(using)
        refuse_lost_events(log, checkpoints.not_in_log(log))
    with built(
        labels,
        scope=scope,
        progress=progress,
        on_phase=on_phase,
        workers=workers,
        scheduler=scheduler,
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
            new.enter("search")
            made = search.build_missing(using=using)
            new.enter("done")
    return Rebuilt(results, position, made)


@dataclass
class PendingRebuild:
    """New generations that are loaded and indexed, but not live yet."""

    dialect: TableDialect
    feeder: CatchUpRunner
    feeds: list[ProjectionRun]
    helpers: parallel.Helpers
    enter: OnPhase

    @property
    def position(self) -> int:
        """The position of the generations, the same for all."""
        return self.feeds[0].generation.position

    @property
    def places(self) -> dict[str, TableLocation]:
        """The locations of their rows, by label."""
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
    def unfinished(self) -> list[building_tasks.Unfinished]:
        """The tables, the largest first: the others can be finished in parallel to it."""
        by_size = sorted(self.feeds, key=lambda feed: -feed.generation.rows)
        return [(feed.projection.label, feed.generation.pk) for feed in by_size]

    def switch(self, under_lock: Callable[[], None] | None = None) -> None:
        """Replace the live generations; see `generations.switch`."""
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
    scheduler: SchedulerAddress | None = None,
    using: str = "default",
) -> Iterator[PendingRebuild]:
    """Build new generations of these projections; they are dropped after the block if not live.

    Arguments and errors are those of `rebuild`. Only one process at a time may run this.
    """
    if scope is not None:
        refuse_unknown(scope)
    enter = on_phase or (lambda phase: None)
    projections = projections_named(labels)
    dialect, log = table_dialect(connections[using]), Log(using)
    if workers is None:
        workers = parallel.workers_for(log.head().position)
    with dialect.only_one_rebuild(), parallel.helping(workers, scheduler, using) as helpers:
        enter("prepare")
        generations.clear_building(dialect)
        feeds = [
            generations.begin(projection, scope_of(projection, using, scope), using=using)
            for projection in projections
        ]
        try:
            new = PendingRebuild(dialect, CatchUpRunner(log, feeds), feeds, helpers, enter)
            enter("load")
            with dialect.unhurried(), building_tasks.without_gc():
                bulk_load(new.feeder, helpers, progress)
            enter("finish")
            finish_here = partial(building_tasks.finish_table, using=using)
            helpers.each(finish_here, worker_tasks.finish, new.unfinished)
            yield new
        finally:
            generations.clear_building(dialect)


def _changes(new: PendingRebuild, feed: ProjectionRun, digest: str) -> RebuildDiff | None:
    """The changes that the switch would make to the live table."""
    dialect, projection = new.dialect, feed.projection
    place = dialect.place(projection.model, projection.key, GenerationState.LIVE)
    found = generations.digest_of(dialect, place)
    if found is None:
        return None
    live = checkpoints.live(projection, dialect.connection.alias)
    versions = (live.projector_version, projection.version)
    return rebuild_diff(dialect, place, feed.place, versions=versions, same=found == digest)
