"""A restore's row as of a position of the log, or as of a time by the log's clock."""

from itertools import chain, takewhile
from typing import Any

from api.problems import BadParameter, Problem
from api.v1.filters.fields import how_to_write_times
from api.v1.restores import lookup
from api.v1.rows import ROW_SHOWN
from domain.consolidation.values import Scope
from infrastructure.event_store.log import Log
from infrastructure.event_store.moments import BeyondLog, NotAMoment, position_of
from projections.engine.fold import first_violation, fold_each, values
from projections.engine.models import Generation, GenerationState, WithheldRow
from projections.engine.registry import row_projection


def row_as_of(table: lookup.RestoreTable, text: str, asked: str) -> Any:
    """The row, folded from the restore's events up to then.

    404 if the restore was not in the log yet (with the time when it was recorded), or if the row
    was withheld.
    """
    log = Log()
    position = as_of_position(asked, log)
    projection = row_projection(table._meta.label)
    scope = _scope(table._meta.label)
    stream = log.brief_stream(lookup.stream(table, text), ROW_SHOWN)
    found = (event for event in stream if isinstance(event, projection.event_type))
    first = next(found, None)
    upto = takewhile(
        lambda event: event.position <= position, chain([first] if first else [], found)
    )
    row: Any = None
    for event, _, after in fold_each(projection, scope, upto):
        row, last = after, event.position
    if row is None:
        if first is not None and projection.includes(scope, first):
            raise Problem(
                404,
                "not_recorded_yet",
                f"The log learned of restore {text} at position {first.position}, "
                f"{first.recorded_at:%Y-%m-%dT%H:%M:%SZ}; before that it is not recorded.",
                position=first.position,
                recorded_at=first.recorded_at,
            )
        raise lookup.restore_not_found(text)
    if not row.present:
        raise lookup.withheld(text, row.restore_id, WithheldRow.Cause.VANISHED, last)
    unfit = first_violation(projection, row, values(row))
    if unfit is not None:
        cause = WithheldRow.Cause.QUARANTINED
        raise lookup.withheld(text, row.restore_id, cause, last, *unfit)
    return row


def as_of_position(asked: str, log: Log) -> int:
    """The position that `as_of` means: one of the log's, or the last one recorded by a time."""
    try:
        return position_of(asked, log)
    except BeyondLog as beyond:
        raise BadParameter(
            "as_of_beyond_log",
            f"The log's positions go from 0 to {beyond.head}.",
            "as_of",
            head=beyond.head,
        ) from beyond
    except NotAMoment as error:
        words = f"as_of is a position or a time. {how_to_write_times(asked)}"
        raise BadParameter("as_of_invalid", words, "as_of") from error


def _scope(label: str) -> str:
    live = Generation.objects.filter(label=label, state=GenerationState.LIVE)
    return live.values_list("scope", flat=True).first() or Scope.NATIVE
