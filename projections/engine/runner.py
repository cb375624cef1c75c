"""The runner that applies events to generations: folds a chunk, writes rows, moves checkpoints."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass

from django.db import connections, transaction

from domain.events import Event
from infrastructure.event_store.errors import BrokenChain
from infrastructure.event_store.log import Log
from projections.engine import aggregates, checkpoints, row_versions, store
from projections.engine.dialects import table_dialect
from projections.engine.dialects.base import TableDialect, TableLocation
from projections.engine.errors import CheckpointNotInLog, ProjectorFailed
from projections.engine.fold import ByStream, begun_earlier, by_stream, fold
from projections.engine.models import Generation, GenerationState
from projections.engine.prepare import Prepared
from projections.engine.registry import (
    AggregateProjection,
    Projection,
    Sums,
    VersionsProjection,
)

Progress = Callable[[int, int | None], None]
"""Called with the number of events done so far and, if known, their total."""

NO_SUMS: Sums = {}

Gathered = dict[tuple[type[Event], int], ByStream]
"""A chunk's events by stream, for each event type and position that they come after."""


@dataclass
class ProjectionRun:
    """One generation to which events are applied. `error` says why it has stopped."""

    projection: Projection
    generation: Generation
    place: TableLocation
    events: int = 0
    error: CheckpointNotInLog | ProjectorFailed | None = None


class CatchUpRunner:
    """Advances several generations together: each event is read and decoded only once."""

    def __init__(self, log: Log, feeds: Sequence[ProjectionRun]) -> None:
        self.log = log
        self.feeds = list(feeds)
        self.dialect: TableDialect = table_dialect(connections[log.using])

    def advance(self, upto: int | None = None, progress: Progress | None = None) -> None:
        """Apply all events up to this position, or up to the current end of the log."""
        if upto is None:
            upto = self.log.head().position
        for feed in self.feeds:
            self._refuse_another_log(feed)
        going = [feed for feed in self.feeds if feed.error is None]
        start = min((feed.generation.position for feed in going), default=upto)
        if start >= upto:
            return
        try:
            for events in self.log.checked_events(start, upto, self.dialect.chunk):
                self._take_in(going, events)
                going = [feed for feed in going if feed.error is None]
                if not going:
                    return
                if progress is not None:
                    progress(events[-1].position - start, upto - start)
        except BrokenChain as error:
            for feed in going:
                checkpoints.stop(feed.generation, str(error), error.position)
            raise

    def take_in_prepared(self, upto: int, prepared: Prepared) -> bool:
        """Apply the next part of the log, which was prepared, to building generations.

        Returns False, without a change, if an older stream's events in it cannot be folded.
        """
        gathered: Gathered = {}
        work: list[tuple[ProjectionRun, store.RowChanges]] = []
        for feed in self.feeds:
            changes = store.RowChanges([], [], [], [])
            sums = prepared.sums.get(feed.projection.label, {})
            if prepared.events or sums:
                changes, _ = self._fold(feed, prepared.events, upto, gathered, sums)
            if feed.error is not None:
                feed.error = None
                return False
            work.append((feed, changes))
        with transaction.atomic(using=self.log.using, savepoint=False):
            for feed, changes in work:
                self._commit(feed, changes, upto, prepared.rows.get(feed.projection.label))
        return True

    def _refuse_another_log(self, feed: ProjectionRun) -> None:
        generation = feed.generation
        if not checkpoints.in_log(generation):
            feed.error = CheckpointNotInLog(feed.projection.label, generation.position)
            checkpoints.stop(generation, str(feed.error), generation.position)

    def _take_in(self, feeds: list[ProjectionRun], events: list[Event]) -> None:
        """Apply one chunk. Live generations are locked first: other processes may advance them too.

        Only this process writes to a building generation, so its rows are folded before the
        transaction begins. That keeps the transaction short: on SQLite all other writers wait.
        """
        using = self.log.using
        live = any(feed.generation.state != GenerationState.BUILDING for feed in feeds)
        with transaction.atomic(using=using) if live else nullcontext():
            if live:
                in_order = sorted(feeds, key=lambda feed: feed.generation.pk)
                feeds = [feed for feed in in_order if checkpoints.lock(feed.generation)]
            gathered: Gathered = {}
            upto = events[-1].position
            work = [(feed, *self._fold(feed, events, upto, gathered)) for feed in feeds]
            with transaction.atomic(using=using, savepoint=False):
                for feed, changes, position in work:
                    self._commit(feed, changes, position)

    def _fold(
        self,
        feed: ProjectionRun,
        events: list[Event],
        upto: int,
        gathered: Gathered,
        sums: Sums = NO_SUMS,
    ) -> tuple[store.RowChanges, int]:
        """The changes by these events, which end at a position, and the position that was reached.

        `sums` are those of other events, which were prepared before.
        """
        after = feed.generation.position
        key = (feed.projection.source.event_type, after)
        if key not in gathered:
            gathered[key] = by_stream(_between(events, after, upto), key[0])
        streams = gathered[key]
        while True:
            try:
                return row_changes_by(self.log, self.dialect, feed, streams, upto, sums), upto
            except ProjectorFailed as failed:
                # Apply the events before it, so that the checkpoint is exactly there.
                feed.error = failed
                upto = failed.position - 1
                streams = by_stream(_between(events, after, upto), key[0])

    def _commit(
        self,
        feed: ProjectionRun,
        changes: store.RowChanges,
        position: int,
        new: store.NewRows | None = None,
    ) -> None:
        generation = feed.generation
        feed.events += max(position - generation.position, 0)
        if position > generation.position:
            growth = changes.growth
            store.write(self.dialect, generation, feed.place, changes)
            if new is not None:
                store.add_new_rows(self.dialect, generation, feed.place, new)
                growth += new.number
            hash_there = self.log.hash_at(position)
            assert hash_there is not None, "a position that was just read is in the log"
            checkpoints.move(generation, position, hash_there, growth)
        if feed.error is not None:
            checkpoints.stop(generation, str(feed.error), feed.error.position)


def row_changes_by(
    log: Log,
    dialect: TableDialect,
    run: ProjectionRun,
    streams: ByStream,
    upto: int,
    sums: Sums = NO_SUMS,
) -> store.RowChanges:
    """The changes to a generation's rows by these events, which end at a position.

    `sums` are those of other events, which were prepared before. Raises `ProjectorFailed`.
    """
    projection, generation, place = run.projection, run.generation, run.place
    if isinstance(projection, AggregateProjection):
        changed = aggregates.difference(log, projection, generation, streams)
        aggregates.add_to(changed, sums)
        return aggregates.changes(dialect, projection, generation, place, changed, upto)
    if isinstance(projection, VersionsProjection):
        valid = row_versions.valid(dialect, projection, place, streams)
        return row_versions.version_changes(projection, streams, valid)
    before = store.before(dialect, projection, generation, place, begun_earlier(streams))
    folded = fold(projection, generation.scope, streams, before.rows)
    return store.row_changes(projection, before, folded)


def _between(events: list[Event], after: int, upto: int) -> Iterable[Event]:
    if events and events[0].position > after and events[-1].position <= upto:
        return events
    return [event for event in events if after < event.position <= upto]
