"""Withheld rows, which are kept out of their table: reads, writes and releases them."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from projections.engine.models import Generation, WithheldRow
from projections.engine.registry import Row
from projections.mapping.constraints import BIGINT

BATCH = 500


class RowToWithhold(NamedTuple):
    """A row to keep out of its table, the reason, and the position of the event that caused it."""

    stream_id: UUID
    row: Row
    cause: str
    column: str
    reason: str
    position: int


def load_withheld(
    generation: Generation, row_type: type[Any], streams: Sequence[UUID]
) -> dict[UUID, Row]:
    """The withheld rows of these streams."""
    found: dict[UUID, Row] = {}
    for start in range(0, len(streams), BATCH):
        rows = _of(generation).filter(stream_id__in=streams[start : start + BATCH])
        for stream_id, row in rows.values_list("stream_id", "row"):
            found[stream_id] = msgspec.json.decode(bytes(row), type=row_type)
    return found


def withhold(generation: Generation, rows: Sequence[RowToWithhold]) -> None:
    """Withhold these rows."""
    WithheldRow.objects.using(generation._state.db).bulk_create(
        [
            WithheldRow(
                generation_id=generation.pk,
                stream_id=withheld.stream_id,
                row_id=_whole(withheld.row.id),
                cause=withheld.cause,
                column=withheld.column,
                reason=withheld.reason,
                position=withheld.position,
                row=msgspec.json.encode(withheld.row),
            )
            for withheld in rows
        ],
        batch_size=BATCH,
    )


def release(generation: Generation, streams: Sequence[UUID]) -> None:
    """Delete the withheld rows of these streams."""
    for start in range(0, len(streams), BATCH):
        _of(generation).filter(stream_id__in=streams[start : start + BATCH]).delete()


def _whole(row_id: Any) -> int | None:
    return row_id if isinstance(row_id, int) and -BIGINT <= row_id < BIGINT else None


def _of(generation: Generation) -> Any:
    return WithheldRow.objects.using(generation._state.db).filter(generation_id=generation.pk)
