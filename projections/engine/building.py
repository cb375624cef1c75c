"""What several processes can do at once for a rebuild, each on a connection of its own."""

from collections.abc import Sequence

from django.db import connections

from infrastructure.collecting import without_gc as without_gc
from infrastructure.event_store.log import Log
from projections.digest import digest_of_hashes
from projections.engine.dialects import dialect_for
from projections.engine.dialects.base import Place
from projections.engine.models import State
from projections.engine.prepare import Prepared, Span, prepare
from projections.engine.registry import PROJECTIONS


def prepare_part(
    scopes: Sequence[tuple[str, str]], span: tuple[int, int], using: str = "default"
) -> Prepared | None:
    """Prepare a part of the log: see `prepare`."""
    with without_gc():
        return prepare(Log(using), dialect_for(connections[using]), scopes, Span(*span))


def finish(label: str, using: str = "default") -> None:
    """What can be done to the table that is being built for a projection before the switch."""
    dialect_for(connections[using]).finish([_place(label, using)])


def digest(label: str, using: str = "default") -> str:
    """The digest of the table that is being built for a projection."""
    return digest_of_hashes(dialect_for(connections[using]).row_hashes(_place(label, using)))


def _place(label: str, using: str) -> Place:
    projection = PROJECTIONS[label]
    dialect = dialect_for(connections[using])
    return dialect.place(projection.model, projection.key, State.BUILDING)
