"""Whether the log is the one that everything made from it was made from."""

from domain.administration.values import LostHead
from infrastructure.event_store import remembered_heads
from infrastructure.event_store.log import Log
from infrastructure.hosts.importing.row_index import beyond_the_log
from projections.engine.checkpoints import not_in_log


def missing_checkpoints(log: Log) -> list[LostHead]:
    """The checkpoints of the imported rows' index and of the tables that are not in the log."""
    return [*beyond_the_log(log), *not_in_log(log)]


def refuse_lost_events(log: Log) -> None:
    """Raise `LogLostEvents` unless all that is remembered of the log is in it."""
    remembered_heads.refuse_lost_events(log, missing_checkpoints(log))


def lost_heads(log: Log) -> list[LostHead]:
    """All that is remembered and neither in the log nor accepted, the head file's included."""
    return remembered_heads.lost_heads(log, missing_checkpoints(log))
