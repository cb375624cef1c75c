"""The versions of rows: each event of a row's stream ends the version before and makes the next.

A version that is not in the source's table, because its row vanished or does not fit, is a version
too. Its columns hold what they can.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from projections.engine import store, version_cells
from projections.engine.dialects.base import TableDialect, TableLocation, VersionEnd
from projections.engine.errors import ProjectorFailed
from projections.engine.fold import ByStream, begun_earlier, first_violation, values
from projections.engine.models import WithheldRow
from projections.engine.registry import ABSENCE, VALIDITY, Notes, Row, VersionsProjection

Cells = tuple[Any, ...]

PRESENT: Cells = (True, None, None, None, None)
"""The columns in `ABSENCE`, of a row that is in the source's table."""


class Version(NamedTuple):
    """A row as an event left it."""

    valid_from: int
    row: Row
    notes: Notes


def version_changes(
    projection: VersionsProjection, streams: ByStream, valid: Mapping[UUID, Version]
) -> store.RowChanges:
    """The versions that these events make, and the ends of those that were `valid` before.

    Raises `ProjectorFailed` for the first event, in the log's order, that cannot be applied.
    """
    made: list[Version] = []
    ends: list[int | None] = []
    ended: list[VersionEnd] = []
    for stream_id, versions in _fold(projection, streams, valid).items():
        if (before := valid.get(stream_id)) is not None:
            end = versions[0].valid_from
            ended.append(VersionEnd(before.valid_from, end, _place(projection, before, end)[1]))
        made += versions
        ends += [following.valid_from for _, following in pairwise(versions)]
        ends.append(None)
    written = [
        (one.valid_from, end, *_place(projection, one, end), *cells, *one.notes)
        for one, end, cells in zip(made, ends, _cells(projection, made), strict=True)
    ]
    return store.RowChanges([], written, [], [], ended)


def last(projection: VersionsProjection, streams: ByStream) -> dict[UUID, Version]:
    """The last version of each of these streams, whose events are given from the first one on."""
    return {key: versions[-1] for key, versions in _fold(projection, streams, {}).items()}


def valid(
    dialect: TableDialect, projection: VersionsProjection, place: TableLocation, streams: ByStream
) -> dict[UUID, Version]:
    """The versions in the table that were valid before these events."""
    source = projection.source
    begun = begun_earlier(streams)
    if not begun:
        return {}
    pairs = [(key, streams[key][0].originator_version - 1) for key in begun]
    begin, end = len(VALIDITY), len(VALIDITY) + len(source.columns)
    absent_row = end + ABSENCE.index("absent_row")
    found: dict[UUID, Version] = {}
    for stored in dialect.load_numbered(place, (source.key, projection.number), pairs):
        if stored[absent_row] is None:
            row = source.row_type(**dict(zip(source.columns, stored[begin:end], strict=True)))
        else:
            row = msgspec.json.decode(stored[absent_row], type=source.row_type)
        found[getattr(row, source.key)] = Version(stored[0], row, stored[end + len(ABSENCE) :])
    return found


def _fold(
    projection: VersionsProjection, streams: ByStream, valid: Mapping[UUID, Version]
) -> dict[UUID, list[Version]]:
    """The versions that these events make of streams that have a row, in order."""
    project, includes = projection.source.project, projection.source.includes
    made: dict[UUID, list[Version]] = {}
    failed: ProjectorFailed | None = None
    for stream_id, events in streams.items():
        before = valid.get(stream_id)
        row, notes = (None, None) if before is None else (before.row, before.notes)
        versions: list[Version] = []
        event = events[0]
        try:
            for event in events:
                if row is not None or includes(projection.scope, event):
                    row = project(row, event)
                if row is not None:
                    notes = projection.note(notes, event, row)
                    versions.append(Version(event.position, row, notes))
        # As with a projector: its error must stop only its own projection.
        except Exception as error:  # noqa: BLE001
            if failed is None or event.position < failed.position:
                failed = ProjectorFailed(projection.label, event.TOPIC, event.position, error)
            continue
        if versions:
            made[stream_id] = versions
    if failed is not None:
        raise failed
    return made


def _place(
    projection: VersionsProjection, version: Version, valid_to: int | None
) -> tuple[int | None, int | None]:
    """The block or the cell of a version with this end."""
    if projection.passes(version.row):
        return None, version_cells.cell_of(version.valid_from, valid_to)
    return version_cells.block_of(version.valid_from), None


def _cells(projection: VersionsProjection, versions: Sequence[Version]) -> list[Cells]:
    """The columns of the source's table and those in `ABSENCE`, of each version."""
    source = projection.source
    columns = [values(one.row) for one in versions]
    usual = all(one.row.present and not one.row.unfit for one in versions)
    if usual and source.all_fit(list(zip(*columns, strict=True))):
        return [(*its, *PRESENT) for its in columns]
    checks = projection.column_checks[len(VALIDITY) :][: len(source.columns)]
    found = []
    for one, its in zip(versions, columns, strict=True):
        absence = _absence(source, one.row, its)
        if not absence[0]:
            its = tuple(
                None if check(value) else value
                for (_, check), value in zip(checks, its, strict=True)
            )
        found.append((*its, *absence))
    return found


def _absence(source: Any, row: Row, columns: Cells) -> Cells:
    """The columns in `ABSENCE`, of a row with these columns."""
    if not row.present:
        cause = WithheldRow.Cause.VANISHED
        return (False, cause.value, "", store.GONE, msgspec.json.encode(row).decode())
    unfit = first_violation(source, row, columns)
    if unfit is None:
        return PRESENT
    cause = WithheldRow.Cause.QUARANTINED
    return (False, cause.value, *unfit, msgspec.json.encode(row).decode())
