"""Taking in one share of the log's streams, beside others that take in the other shares."""

from collections.abc import Sequence

from django.db import connections

from infrastructure.event_store.log import Log
from infrastructure.event_store.records import Share
from projections.digest import digest_of_hashes
from projections.engine import store
from projections.engine.dialects import dialect_for
from projections.engine.errors import RebuildOverruled
from projections.engine.feed import Feed, Feeder, without_gc
from projections.engine.models import Generation, State
from projections.engine.registry import PROJECTIONS


class ShareFeeder(Feeder):
    """Writes rows and leaves the checkpoints alone: those are moved when all shares are there."""

    def _commit(self, feed: Feed, changes: store.Changes, position: int) -> None:
        if feed.error is not None:
            raise feed.error
        if not self.dialect.hold(feed.generation):
            raise RebuildOverruled
        store.write(self.dialect, feed.generation, feed.place, changes)
        feed.generation.position = position
        feed.generation.rows += changes.growth


def take_in_share(
    generations: Sequence[int], share: tuple[int, int], after: int, upto: int
) -> dict[int, int]:
    """Fold a share's events after a position, up to another, into these building generations.

    Returns how many rows each has more. Raises what the log and the projectors raise, and
    `RebuildOverruled` when the generations are not there any more.
    """
    dialect = dialect_for(connections["default"])
    feeds = []
    for generation in Generation.objects.filter(pk__in=generations):
        generation.position, generation.rows = after, 0
        projection = PROJECTIONS[generation.label]
        place = dialect.place(projection.model, projection.key, State.BUILDING)
        feeds.append(Feed(projection, generation, place))
    if len(feeds) < len(generations):
        raise RebuildOverruled
    log = Log()
    feeder = ShareFeeder(log, feeds)
    with dialect.unhurried(), without_gc():
        for events in log.events(after, upto, dialect.chunk, share=Share(*share)):
            feeder.take_in(events)
    return {feed.generation.pk: feed.generation.rows for feed in feeds}


def building_digest(label: str) -> str:
    """The digest of the table that is being built for this projection."""
    dialect = dialect_for(connections["default"])
    projection = PROJECTIONS[label]
    place = dialect.place(projection.model, projection.key, State.BUILDING)
    return digest_of_hashes(dialect.row_hashes(place))
