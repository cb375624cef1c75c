"""Checkpoints: the generations' own rows are found, locked, moved and stopped here."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from django.db import connections

from domain.administration.values import LostHead
from infrastructure.event_store.chain import GENESIS
from infrastructure.event_store.log import Log
from projections.engine.models import Generation, GenerationState
from projections.engine.registry import Projection
from projections.engine.scopes import scope_of
from projections.engine.sql import sql

CHECKPOINT = ("id", "label", "scope", "projector_version", "state", "position", "hash", "rows")
"""The columns of a generation that catching up needs."""


def live(projection: Projection, using: str) -> Generation:
    """The generation that readers see; created empty if there has never been one."""
    which = {"label": projection.label, "state": GenerationState.LIVE}
    found = Generation.objects.using(using).filter(**which).first()
    if found is not None:
        return found
    generation, _ = Generation.objects.using(using).get_or_create(
        **which,
        defaults={
            "scope": scope_of(projection, using),
            "projector_version": projection.version,
            "hash": GENESIS,
            "created_at": now(),
            "switched_at": now(),
        },
    )
    return generation


def in_log(generation: Generation) -> bool:
    """Whether the log has the event at its checkpoint, with the same hash."""
    log = Log(generation._state.db or "default")
    return log.hash_at(generation.position) == bytes(generation.hash)


def not_in_log(log: Log) -> Iterator[LostHead]:
    """The live generations' checkpoints that are not in the log."""
    for generation in Generation.objects.using(log.using).filter(state=GenerationState.LIVE):
        if not in_log(generation):
            yield LostHead(
                remembered_by=generation.label,
                position=generation.position,
                hash=bytes(generation.hash).hex(),
            )


def lock(generation: Generation) -> bool:
    """Lock it until the transaction ends and read its position; False if it is no longer live."""
    found = (
        Generation.objects.using(generation._state.db)
        .select_for_update()
        .filter(pk=generation.pk, state=generation.state)
        .first()
    )
    if found is None:
        return False
    generation.position, generation.hash = found.position, found.hash
    generation.rows = found.rows
    generation.error, generation.failed_position = found.error, found.failed_position
    return True


def lock_live(labels: Sequence[str], using: str) -> list[Generation]:
    """The live generations of these projections, locked until the transaction ends.

    They are locked in the order of their ids, as everywhere, so two processes cannot block
    each other. One that is being switched is missing.
    """
    connection = connections[using]
    # Each request runs this, and Django's query would take a third of its processor time.
    statement = sql("any", "lock_live").format(
        columns=", ".join(CHECKPOINT),
        labels=", ".join(["%s"] * len(labels)),
        lock="FOR UPDATE" if connection.features.has_select_for_update else "",
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [GenerationState.LIVE.value, *labels])
        return [Generation.from_db(using, CHECKPOINT, row) for row in cursor.fetchall()]


def move_all(
    generations: Sequence[Generation],
    position: int,
    hash_there: bytes,
    growths: Sequence[int],
    using: str,
) -> None:
    """Set all of these checkpoints to one position, and clear earlier errors.

    `growths` are the numbers of rows by which their tables grew.
    """
    grown = [(one.pk, by) for one, by in zip(generations, growths, strict=True) if by]
    cases = "".join(f" WHEN {pk} THEN {by}" for pk, by in grown)
    rows = f"rows + CASE id{cases} ELSE 0 END" if grown else "rows"
    ids = ", ".join(str(one.pk) for one in generations)
    with connections[using].cursor() as cursor:
        cursor.execute(
            f"UPDATE engine_generation SET position = %s, hash = %s, rows = {rows}, error = '', "
            f"failed_position = NULL WHERE id IN ({ids})",
            [position, hash_there],
        )


def move(generation: Generation, position: int, hash_there: bytes, growth: int) -> None:
    """Set the checkpoint to this position, and clear an earlier error."""
    generation.position, generation.hash = position, hash_there
    generation.rows += growth
    generation.error, generation.failed_position = "", None
    generation.save(update_fields=["position", "hash", "rows", "error", "failed_position"])


def stop(generation: Generation, error: str, failed_position: int) -> None:
    """Record why the generation is stopped."""
    if (generation.error, generation.failed_position) != (error, failed_position):
        generation.error, generation.failed_position = error, failed_position
        generation.save(update_fields=["error", "failed_position"])


def now() -> datetime:
    return datetime.now(UTC)
