"""Tasks of a rebuild that several processes can run at once, each on its own connection."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from django.db import connections

from infrastructure.event_store.log import Log
from infrastructure.gc_pause import without_gc as without_gc
from projections.engine import checkpoints
from projections.engine.dialects import table_dialect
from projections.engine.dialects.base import Ids, TableLocation
from projections.engine.models import GenerationState
from projections.engine.prepare import Prepared, Span, prepare
from projections.engine.registry import PROJECTIONS

Piece = tuple[str, Any, Any]
"""A projection's label, and the ids of some rows as `Ids` has them."""
Unfinished = tuple[str, int]
"""A building table that is loaded: its projection's label, and its generation's id."""


def prepare_span(
    scopes: Sequence[tuple[str, str]], span: tuple[int, int], using: str = "default"
) -> Prepared | None:
    """Prepare a part of the log: see `prepare`."""
    with without_gc():
        return prepare(Log(using), table_dialect(connections[using]), scopes, Span(*span))


def finish_table(table: Unfinished, using: str = "default") -> None:
    """Finish a projection's building table, as far as possible before the switch.

    Does nothing if that generation was given up meanwhile: the table of the next one has the same
    name. May be done again, also while a process that was given up still does it.
    """
    label, generation = table
    wanted = partial(checkpoints.lock_building, generation, using)
    table_dialect(connections[using]).finish([_place(label, using)], wanted)


def hash_rows(piece: Piece, using: str = "default") -> bytes:
    """The joined hashes of these rows of a projection's building table."""
    label, *ids = piece
    place = _place(label, using)
    return b"".join(table_dialect(connections[using]).row_hashes(place, Ids(*ids)))


def _place(label: str, using: str) -> TableLocation:
    projection = PROJECTIONS[label]
    dialect = table_dialect(connections[using])
    return dialect.place(projection.model, projection.key, GenerationState.BUILDING)
