"""Checks whether the log has lost events that the tables or other data were made from."""

from domain.administration.values import LostHead
from infrastructure.event_store import remembered_heads
from infrastructure.event_store.log import Log
from infrastructure.hosts.importing.row_index import beyond_the_log
from projections.engine.checkpoints import not_in_log


def missing_checkpoints(log: Log) -> list[LostHead]:
    """The checkpoints of the row index and of the tables that are not in the log."""
    return [*beyond_the_log(log), *not_in_log(log)]


def refuse_lost_events(log: Log) -> None:
    """Raise `LogLostEvents` unless every remembered position and hash is in the log."""
    remembered_heads.refuse_lost_events(log, missing_checkpoints(log))


def lost_heads(log: Log) -> list[LostHead]:
    """The remembered heads, also the head file's, that are not in the log and not accepted."""
    return remembered_heads.lost_heads(log, missing_checkpoints(log))
