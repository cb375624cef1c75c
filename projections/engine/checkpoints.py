"""Checkpoints: the generations' own rows are found, locked, moved and stopped here."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import NamedTuple

from domain.administration.values import LostHead
from infrastructure.event_store.chain import GENESIS
from infrastructure.event_store.log import Log
from projections.engine.dialects.base import TableDialect
from projections.engine.models import Generation, GenerationState
from projections.engine.registry import Projection
from projections.engine.scopes import scope_of
from projections.engine.sql import sql

LATE = 10_000
"""A projection that is registered when others have applied so many events is built, not caught up:
until then it must keep neither them nor a request waiting."""
NEVER_BUILT = 0
"""The projector version of a generation that has to be built first."""


class LiveCheckpoint(NamedTuple):
    """The columns of a live generation that catching up with a few events needs."""

    id: int
    label: str
    scope: str
    projector_version: int
    state: str
    position: int
    hash: bytes

    def generation(self, using: str) -> Generation:
        return Generation.from_db(using, self._fields, self)


def live(projection: Projection, using: str) -> Generation:
    """The generation that readers see; created empty if there has never been one.

    If its projection has come late, it then requires a rebuild: see `LATE`.
    """
    which = {"label": projection.label, "state": GenerationState.LIVE}
    found = Generation.objects.using(using).filter(**which).first()
    if found is not None:
        return found
    others = Generation.objects.using(using).filter(state=GenerationState.LIVE)
    late = others.filter(position__gte=LATE).exists()
    generation, _ = Generation.objects.using(using).get_or_create(
        **which,
        defaults={
            "scope": scope_of(projection, using),
            "projector_version": NEVER_BUILT if late else projection.version,
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


def lock_building(generation: int, using: str) -> bool:
    """Keep a building generation until the transaction ends; False if it was given up.

    Whoever gives it up removes its row first: see `generations.clear_building`.
    """
    found = Generation.objects.using(using).select_for_update()
    return found.filter(pk=generation, state=GenerationState.BUILDING).first() is not None


def lock_live(log: Log, labels: Collection[str], *, wait: bool = True) -> list[LiveCheckpoint]:
    """The live generations of these projections, locked until the transaction ends.

    They are locked in the order of their ids, as everywhere, so two processes cannot block
    each other. One that is being switched is missing; so is, without `wait`, a locked one.
    """
    # Each request runs this, and Django's query would take a third of its processor time.
    rows = log.dialect.fetch(log.connection, _lock_live(log.connection.vendor, wait))
    return [LiveCheckpoint._make((*row[:-1], bytes(row[-1]))) for row in rows if row[1] in labels]


def move_all(
    checkpoints: Sequence[LiveCheckpoint],
    position: int,
    hash_there: bytes,
    growths: Mapping[int, int],
    dialect: TableDialect,
) -> None:
    """Set all of these checkpoints to one position, and clear earlier errors.

    `growths` are the numbers of rows by which their tables grew, by id.
    """
    cases = "".join(f" WHEN {pk} THEN {by}" for pk, by in growths.items() if by)
    rows = f"rows + CASE id{cases} ELSE 0 END" if cases else "rows"
    ids = ", ".join(str(one.id) for one in checkpoints)
    dialect.run(
        f"UPDATE engine_generation SET position = %s, hash = %s, rows = {rows}, error = '', "
        f"failed_position = NULL WHERE id IN ({ids})",
        (position, hash_there),
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


@cache
def _lock_live(vendor: str, wait: bool) -> str:
    # SQLite has locked the whole file.
    lock = "" if vendor == "sqlite" else "FOR UPDATE" if wait else "FOR UPDATE SKIP LOCKED"
    columns = ", ".join(LiveCheckpoint._fields)
    return sql("any", "lock_live").format(
        columns=columns, state=GenerationState.LIVE.value, lock=lock
    )


def now() -> datetime:
    return datetime.now(UTC)
