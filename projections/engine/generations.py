"""Generations: switches to a new one, and goes back to the previous one."""

from collections.abc import Callable, Iterable, Sequence
from copy import copy
from time import sleep

from django.db import DatabaseError, connections, transaction

from infrastructure.event_store.chain import GENESIS
from infrastructure.event_store.log import Log
from projections.digest import digest_of_hashes
from projections.engine import checkpoints
from projections.engine.dialects import table_dialect
from projections.engine.dialects.base import TableDialect, TableLocation
from projections.engine.errors import NothingToReturnTo, RebuildRequired, SwitchBlocked
from projections.engine.models import Generation, GenerationState
from projections.engine.registry import Projection, projections_named
from projections.engine.runner import CatchUpRunner, ProjectionRun

ATTEMPTS = 40
PAUSE = 0.5
"""Seconds between attempts to switch, in which waiting sessions can go on."""


def clear_building(dialect: TableDialect) -> None:
    """Drop the generations that are being built, or were when their process died."""
    using = dialect.connection.alias
    with transaction.atomic(using=using):
        # In the same order in which the processes that fill the tables lock them.
        Generation.objects.using(using).filter(state=GenerationState.BUILDING).delete()
        dialect.clear_building()


def begin(
    projection: Projection,
    scope: str,
    *,
    position: int = 0,
    hash_there: bytes = GENESIS,
    rows: int = 0,
    using: str = "default",
) -> ProjectionRun:
    """A building generation and its empty table.

    Its checkpoint is at the beginning of the log, or that of the `rows` that will be put into it.
    """
    dialect = table_dialect(connections[using])
    place = dialect.place(projection.model, projection.key, GenerationState.BUILDING)
    with transaction.atomic(using=using):
        generation = Generation.objects.using(using).create(
            label=projection.label,
            scope=scope,
            projector_version=projection.version,
            state=GenerationState.BUILDING,
            position=position,
            hash=hash_there,
            rows=rows,
            created_at=checkpoints.now(),
        )
        dialect.create(place)
    return ProjectionRun(projection, generation, place)


def switch(
    dialect: TableDialect,
    feeder: CatchUpRunner,
    feeds: Sequence[ProjectionRun],
    *,
    under_lock: Callable[[], None] | None = None,
    before_commit: Callable[[], None] = lambda: None,
) -> None:
    """Put these building generations in the live ones' place, in one transaction.

    `under_lock` is called while appends are locked and all events are applied. An error in it
    undoes the switch; its events are committed with the switch. Without `under_lock`, appends go
    on. Readers wait only for the part after it. Retries while a table is in use; then raises
    `SwitchBlocked`, which names the sessions that use it.
    """
    _with_retries(
        dialect,
        feeds,
        lambda: _switch(dialect, feeder, feeds, under_lock, before_commit, back=False),
    )
    dialect.complete([feed.projection.model for feed in feeds])


def go_back(
    labels: Iterable[str] | None = None,
    *,
    scope: str | None = None,
    under_lock: Callable[[], None] | None = None,
    on_phase: Callable[[str], None] = lambda phase: None,
    using: str = "default",
) -> None:
    """Make the previous generations of these projections live again, with the events since.

    The present ones become the previous ones. With `scope`, only to generations of that scope that
    have not been changed since they were live. `under_lock` as for `switch`; `on_phase` is called
    with `prepare`, `catch_up`, `switch` and `commit`. Raises `NothingToReturnTo`,
    `RebuildRequired`.
    """
    dialect = table_dialect(connections[using])
    with dialect.only_one_rebuild():
        on_phase("prepare")
        clear_building(dialect)
        feeds = [_frozen(dialect, projection) for projection in projections_named(labels)]
        for feed in feeds:
            if scope is not None and not _is_as_it_was(dialect, feed, scope):
                raise NothingToReturnTo(feed.projection.label)
        feeder = CatchUpRunner(Log(using), feeds)
        on_phase("catch_up")
        _catch_up(feeder)
        on_phase("switch")
        _with_retries(
            dialect,
            feeds,
            lambda: _switch(
                dialect, feeder, feeds, under_lock, lambda: on_phase("commit"), back=True
            ),
        )
        dialect.complete([feed.projection.model for feed in feeds])


def _frozen(dialect: TableDialect, projection: Projection) -> ProjectionRun:
    """The previous generation of a projection, if it can be returned to."""
    using = dialect.connection.alias
    place = dialect.place(projection.model, projection.key, GenerationState.FROZEN)
    frozen = (
        Generation.objects.using(using)
        .filter(label=projection.label, state=GenerationState.FROZEN)
        .first()
    )
    if frozen is None or not dialect.exists(place):
        raise NothingToReturnTo(projection.label)
    if frozen.projector_version != projection.version:
        raise RebuildRequired(projection.label, frozen.projector_version, projection.version)
    return ProjectionRun(projection, frozen, place)


def remember_frozen(labels: Iterable[str], *, using: str = "default") -> None:
    """Record the digests of the previous generations, to detect later whether they were changed."""
    dialect = table_dialect(connections[using])
    for projection in projections_named(labels):
        feed = _frozen(dialect, projection)
        digest = digest_of(dialect, feed.place) or ""
        # Only while it is still the previous one.
        Generation.objects.using(using).filter(
            pk=feed.generation.pk, state=GenerationState.FROZEN
        ).update(digest=digest)


def _is_as_it_was(dialect: TableDialect, feed: ProjectionRun, scope: str) -> bool:
    """Whether a previous generation has this scope and has not changed since it was live.

    Another program may have written to the table, and no reader would have noticed.
    """
    generation = feed.generation
    if generation.scope != scope or not generation.digest:
        return False
    return digest_of(dialect, feed.place) == generation.digest


def _with_retries(
    dialect: TableDialect, feeds: Sequence[ProjectionRun], act: Callable[[], None]
) -> None:
    """Run it in a transaction; repeat if a table is in use, after rolling the attempt back."""
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


def _switch(
    dialect: TableDialect,
    feeder: CatchUpRunner,
    feeds: Sequence[ProjectionRun],
    under_lock: Callable[[], None] | None,
    before_commit: Callable[[], None],
    *,
    back: bool,
) -> None:
    using = dialect.connection.alias
    if under_lock is not None:
        feeder.log.lock()
    live = {feed.projection.label: checkpoints.live(feed.projection, using) for feed in feeds}
    for generation in sorted(live.values(), key=lambda one: one.pk):
        checkpoints.lock(generation)
    # The live ones cannot move any more, so all that readers saw there is here too.
    _catch_up(feeder)
    if under_lock is not None:
        under_lock()
    for feed in feeds:
        label = feed.projection.label
        if not back:
            Generation.objects.using(using).filter(
                label=label, state=GenerationState.FROZEN
            ).delete()
        _become(feed.generation, GenerationState.BUILDING)
        _become(live[label], GenerationState.FROZEN)
        _become(feed.generation, GenerationState.LIVE)
    # Last, because on PostgreSQL readers wait from here to the commit.
    dialect.switch([feed.projection.model for feed in feeds], back=back)
    before_commit()


def _become(generation: Generation, state: GenerationState) -> None:
    generation.state = state
    generation.switched_at = checkpoints.now()
    generation.digest = ""
    generation.save(update_fields=["state", "switched_at", "digest"])


def _catch_up(feeder: CatchUpRunner) -> None:
    feeder.advance()
    for feed in feeder.feeds:
        if feed.error is not None:
            raise feed.error


def digest_of(dialect: TableDialect, place: TableLocation) -> str | None:
    """The table's digest; None if it does not exist or cannot be read with these columns."""
    try:
        return digest_of_hashes(dialect.row_hashes(place))
    except DatabaseError:
        return None
