"""The store of a generation's rows: loads them, finds what changes, and writes it."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from projections.engine import withheld_rows
from projections.engine.dialects.base import Packed, TableDialect, TableLocation, VersionEnd
from projections.engine.fold import Folded, first_violation, values
from projections.engine.models import Generation, WithheldRow
from projections.engine.registry import AggregateProjection, Projection, Row, RowProjection
from projections.engine.withheld_rows import RowToWithhold
from projections.mapping.constraints import Violation


class Before(NamedTuple):
    """The rows of streams that began before a chunk, and whether each is in the table."""

    rows: dict[UUID, Row]
    present: frozenset[UUID]
    withheld: frozenset[UUID]


class RowChanges(NamedTuple):
    """The changes that a chunk makes to one generation."""

    gone: list[UUID]
    """Streams whose row leaves the table or is replaced."""
    written: list[tuple[Any, ...]]
    let_go: list[UUID]
    kept: list[RowToWithhold]
    ended: Sequence[VersionEnd] = ()
    """Versions that were valid before."""

    @property
    def growth(self) -> int:
        """By how many rows the table grows."""
        return len(self.written) - len(self.gone)


class NewRows(NamedTuple):
    """The rows that a generation gets from new streams."""

    packed: Packed | None
    """The rows as the dialect packed them; None if there are no rows."""
    number: int
    withheld: list[RowToWithhold]


FEW = 3
"""Up to so many rows are replaced one by one; more are removed and inserted."""
UPSERTED = 100
"""Up to so many sums are written by one statement."""
SUMS_KEY = "id"
"""The key of sums; rows of streams have another."""
GONE = "no longer in the host"
NOTHING = Before({}, frozenset(), frozenset())


def before(
    dialect: TableDialect,
    projection: RowProjection | AggregateProjection,
    generation: Generation,
    place: TableLocation,
    keys: Sequence[UUID],
) -> Before:
    """The rows with these keys, in the table or withheld."""
    if not keys:
        return NOTHING
    rows: dict[UUID, Row] = {}
    fields = projection.columns
    for stored in dialect.load(place, keys):
        row = projection.row_type(**dict(zip(fields, stored, strict=True)))
        rows[getattr(row, projection.key)] = row
    standing = frozenset(rows)
    missing = [key for key in keys if key not in standing]
    kept = withheld_rows.load_withheld(generation, projection.row_type, missing) if missing else {}
    rows.update(kept)
    return Before(rows, standing, frozenset(kept))


def row_changes(projection: Projection, before: Before, folded: dict[UUID, Folded]) -> RowChanges:
    """The changes from the rows before to the folded ones."""
    changed = RowChanges([], [], [], [])
    if before is not NOTHING:
        changed.gone.extend(folded.keys() & before.present)
        changed.let_go.extend(folded.keys() & before.withheld)
    standing = [one for one in folded.items() if one[1].row.present]
    columns = [values(one.row) for _, one in standing]
    if len(standing) < len(folded):
        changed.kept.extend(
            _withheld(stream_id, one, WithheldRow.Cause.VANISHED, Violation("", GONE))
            for stream_id, one in folded.items()
            if not one.row.present
        )
    unfit_before = any(one.row.unfit for _, one in standing)
    if not unfit_before and projection.all_fit(list(zip(*columns, strict=True))):
        changed.written.extend(columns)
        return changed
    for (stream_id, one), its_columns in zip(standing, columns, strict=True):
        unfit = first_violation(projection, one.row, its_columns)
        if unfit is None:
            changed.written.append(its_columns)
        else:
            changed.kept.append(_withheld(stream_id, one, WithheldRow.Cause.QUARANTINED, unfit))
    return changed


def _withheld(
    stream_id: UUID, folded: Folded, cause: WithheldRow.Cause, unfit: Violation
) -> RowToWithhold:
    return RowToWithhold(stream_id, folded.row, cause.value, *unfit, folded.position)


def write(
    dialect: TableDialect, generation: Generation, place: TableLocation, changes: RowChanges
) -> None:
    """Write the changes in the open transaction."""
    gone, written = changes.gone, changes.written
    if place.key == SUMS_KEY and 0 < len(written) <= UPSERTED:
        dialect.upsert(place, written)
        done = {row[place.key_index] for row in written}
        gone, written = [key for key in gone if key not in done], []
    if 0 < len(gone) <= FEW:
        replaced = [row for row in written if row[place.key_index] in gone]
        if replaced:
            dialect.replace(place, replaced)
        done = {row[place.key_index] for row in replaced}
        gone = [key for key in gone if key not in done]
        written = [row for row in written if row[place.key_index] not in done]
    if gone:
        dialect.remove(place, gone)
    if written:
        dialect.insert(place, dialect.packed(place, written))
    if changes.ended:
        dialect.end_versions(place, changes.ended)
    if changes.let_go:
        withheld_rows.release(generation, changes.let_go)
    if changes.kept:
        withheld_rows.withhold(generation, changes.kept)


def new_rows(dialect: TableDialect, place: TableLocation, changes: RowChanges) -> NewRows:
    """The rows of `row_changes`, packed; only for changes that remove no rows."""
    written = changes.written
    packed = dialect.packed(place, written) if written else None
    return NewRows(packed, len(written), changes.kept)


def add_new_rows(
    dialect: TableDialect, generation: Generation, place: TableLocation, new: NewRows
) -> None:
    """Write new rows in the open transaction."""
    if new.packed is not None:
        dialect.insert(place, new.packed)
    if new.withheld:
        withheld_rows.withhold(generation, new.withheld)
