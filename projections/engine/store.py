"""Between rows and a generation's table: what stood before, what changes, and writing it."""

from typing import Any, NamedTuple
from uuid import UUID

from projections.engine import withheld
from projections.engine.dialects.base import Dialect, Place
from projections.engine.fold import ByStream, Folded, misfit, values
from projections.engine.models import Generation, WithheldRow
from projections.engine.registry import Projection, Row
from projections.engine.withheld import Withheld


class Before(NamedTuple):
    """The rows of streams that began before a chunk, and where each of them is kept."""

    rows: dict[UUID, Row]
    standing: frozenset[UUID]
    withheld: frozenset[UUID]


class Changes(NamedTuple):
    """What a chunk does to one generation."""

    gone: list[UUID]
    """Streams whose row leaves the table, or is written anew."""
    written: list[tuple[Any, ...]]
    let_go: list[UUID]
    kept: list[Withheld]

    @property
    def growth(self) -> int:
        """How many rows more the table has afterwards."""
        return len(self.written) - len(self.gone)


NOTHING = Before({}, frozenset(), frozenset())


def before(
    dialect: Dialect,
    projection: Projection,
    generation: Generation,
    place: Place,
    streams: ByStream,
) -> Before:
    """The rows of those of these streams that began before this chunk."""
    begun = [key for key, events in streams.items() if events[0].originator_version > 1]
    if not begun:
        return NOTHING
    rows: dict[UUID, Row] = {}
    fields = projection.columns
    for stored in dialect.load(place, begun):
        row = projection.row_type(**dict(zip(fields, stored, strict=True)))
        rows[getattr(row, projection.key)] = row
    standing = frozenset(rows)
    missing = [key for key in begun if key not in standing]
    kept = withheld.load(generation, projection.row_type, missing) if missing else {}
    rows.update(kept)
    return Before(rows, standing, frozenset(kept))


def changes(projection: Projection, before: Before, folded: dict[UUID, Folded]) -> Changes:
    """How the table gets from the rows before to the folded ones."""
    changed = Changes([], [], [], [])
    for stream_id, (row, position) in folded.items():
        if stream_id in before.standing:
            changed.gone.append(stream_id)
        elif stream_id in before.withheld:
            changed.let_go.append(stream_id)
        columns = values(row)
        unfit = misfit(projection, row, columns)
        if unfit is None and row.standing:
            changed.written.append(columns)
            continue
        cause = (
            WithheldRow.Cause.QUARANTINED if row.standing else WithheldRow.Cause.VANISHED
        ).value
        column, reason = unfit if unfit and row.standing else ("", "no longer in the host")
        changed.kept.append(Withheld(stream_id, row, cause, column, reason, position))
    return changed


def write(dialect: Dialect, generation: Generation, place: Place, changes: Changes) -> None:
    """Make the changes, in the transaction that is open."""
    if changes.gone:
        dialect.remove(place, changes.gone)
    if changes.written:
        dialect.insert(place, changes.written)
    if changes.let_go:
        withheld.let_go(generation, changes.let_go)
    if changes.kept:
        withheld.keep(generation, changes.kept)
