"""Which generation is live: switching to a new one, going back to the previous one."""

from collections.abc import Callable, Iterable, Sequence
from copy import copy
from time import sleep

from django.db import DatabaseError, connections, transaction

from infrastructure.event_store.log import Log
from projections.digest import digest_of_hashes
from projections.engine import checkpoints
from projections.engine.dialects import dialect_for
from projections.engine.dialects.base import Dialect, Place
from projections.engine.errors import NothingToReturnTo, RebuildRequired, SwitchBlocked
from projections.engine.feed import Feed, Feeder
from projections.engine.models import Generation, State
from projections.engine.registry import PROJECTIONS, chosen

ATTEMPTS = 10
PAUSE = 0.5
"""Seconds between attempts to switch, for others to get their turn."""


def clear_building(dialect: Dialect) -> None:
    """Drop what is being built, or was when its process died."""
    using = dialect.connection.alias
    with transaction.atomic(using=using):
        # In this order: it is how those who fill the tables lock them.
        Generation.objects.using(using).filter(state=State.BUILDING).delete()
        dialect.clear_building()


def switch(
    dialect: Dialect,
    feeder: Feeder,
    feeds: Sequence[Feed],
    *,
    before_commit: Callable[[], None] = lambda: None,
) -> None:
    """Put these building generations in the live ones' place, in one transaction.

    Retries while a table is in use; raises `SwitchBlocked`, naming who uses it.
    """

    def act() -> None:
        _switch(dialect, feeder, feeds)
        before_commit()

    _with_retries(dialect, feeds, act)


def go_back(labels: Iterable[str] | None = None, *, using: str = "default") -> None:
    """Make the previous generations of these projections live again, with the events since.

    The present ones become the previous ones. Raises `NothingToReturnTo`, `RebuildRequired`.
    """
    dialect = dialect_for(connections[using])
    with dialect.only_one_rebuild():
        clear_building(dialect)
        feeds = []
        for projection in chosen(labels):
            place = dialect.place(projection.model, projection.key, State.FROZEN)
            frozen = (
                Generation.objects.using(using)
                .filter(label=projection.label, state=State.FROZEN)
                .first()
            )
            if frozen is None or not dialect.exists(place):
                raise NothingToReturnTo(projection.label)
            if frozen.projector_version != projection.version:
                raise RebuildRequired(
                    projection.label, frozen.projector_version, projection.version
                )
            feeds.append(Feed(projection, frozen, place))
        feeder = Feeder(Log(using), feeds)
        _catch_up(feeder)
        _with_retries(dialect, feeds, lambda: _go_back(dialect, feeder, feeds))


def _with_retries(dialect: Dialect, feeds: Sequence[Feed], act: Callable[[], None]) -> None:
    """Do it in a transaction, again if a table is in use; nothing is kept of a failed attempt."""
    before = [(feed.events, copy(feed.generation)) for feed in feeds]
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with transaction.atomic(using=dialect.connection.alias):
                act()
            return
        except SwitchBlocked as blocked:
            if attempt == ATTEMPTS:
                raise SwitchBlocked(blocked.table, dialect.who_blocks(blocked.table)) from blocked
            for feed, (events, generation) in zip(feeds, before, strict=True):
                feed.events, feed.generation = events, copy(generation)
            sleep(PAUSE)


def _switch(dialect: Dialect, feeder: Feeder, feeds: Sequence[Feed]) -> None:
    using = dialect.connection.alias
    live = {feed.projection.label: checkpoints.live(feed.projection, using) for feed in feeds}
    for feed in feeds:
        checkpoints.lock(live[feed.projection.label])
    # Nobody moves the live ones any more, so what readers saw there is here as well now.
    _catch_up(feeder)
    dialect.switch([feed.projection.model for feed in feeds], back=False)
    for feed in feeds:
        label = feed.projection.label
        Generation.objects.using(using).filter(label=label, state=State.FROZEN).delete()
        _become(live[label], State.FROZEN)
        _become(feed.generation, State.LIVE)


def _go_back(dialect: Dialect, feeder: Feeder, feeds: Sequence[Feed]) -> None:
    using = dialect.connection.alias
    live = {feed.projection.label: checkpoints.live(feed.projection, using) for feed in feeds}
    for feed in feeds:
        checkpoints.lock(live[feed.projection.label])
    _catch_up(feeder)
    dialect.switch([feed.projection.model for feed in feeds], back=True)
    for feed in feeds:
        _become(feed.generation, State.BUILDING)
        _become(live[feed.projection.label], State.FROZEN)
        _become(feed.generation, State.LIVE)


def _become(generation: Generation, state: State) -> None:
    generation.state = state
    generation.switched_at = checkpoints.now()
    generation.save(update_fields=["state", "switched_at"])


def _catch_up(feeder: Feeder) -> None:
    feeder.advance()
    for feed in feeder.feeds:
        if feed.error is not None:
            raise feed.error


def digest_of(dialect: Dialect, place: Place) -> str | None:
    """The digest of the table there, None if it is gone or cannot be read as its columns say."""
    try:
        return digest_of_hashes(dialect.row_hashes(place))
    except DatabaseError:
        return None


def live_digest(label: str, *, using: str = "default") -> str | None:
    """The digest of a projection's live table, as it is now."""
    dialect = dialect_for(connections[using])
    projection = PROJECTIONS[label]
    return digest_of(dialect, dialect.place(projection.model, projection.key, State.LIVE))
