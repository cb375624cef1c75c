"""What several processes can do at once for a rebuild, each on a connection of its own."""

from collections.abc import Sequence

from django.db import connections

from infrastructure.collecting import without_gc as without_gc
from infrastructure.event_store.log import Log
from projections.engine.dialects import dialect_for
from projections.engine.dialects.base import Ids, Place
from projections.engine.models import State
from projections.engine.prepare import Prepared, Span, prepare
from projections.engine.registry import PROJECTIONS

Piece = tuple[str, int | None, int | None]
"""A projection's label, and the ids of some rows as `Ids` has them."""


def prepare_part(
    scopes: Sequence[tuple[str, str]], span: tuple[int, int], using: str = "default"
) -> Prepared | None:
    """Prepare a part of the log: see `prepare`."""
    with without_gc():
        return prepare(Log(using), dialect_for(connections[using]), scopes, Span(*span))


def finish(label: str, using: str = "default") -> None:
    """What can be done to the table that is being built for a projection before the switch."""
    dialect_for(connections[using]).finish([_place(label, using)])


def row_hashes(piece: Piece, using: str = "default") -> bytes:
    """The hashes of these rows of the table that is being built for a projection, joined."""
    label, *ids = piece
    place = _place(label, using)
    return b"".join(dialect_for(connections[using]).row_hashes(place, Ids(*ids)))


def _place(label: str, using: str) -> Place:
    projection = PROJECTIONS[label]
    dialect = dialect_for(connections[using])
    return dialect.place(projection.model, projection.key, State.BUILDING)
