"""How many restores a list leaves out: those that match it, and have no row in the table."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Count, QuerySet

from api.v1.left_out import by_cause
from api.v1.restores.as_of import ListMoment, absent_at
from projections.engine.registry import PROJECTIONS
from projections.row_versions.as_of import not_in_table
from projections.row_versions.freshness import versions_and_rows
from projections.row_versions.models import RestoreVersion

Matching = Callable[[QuerySet[Any]], QuerySet[Any]]
"""Those of some rows that a list would have, if they were in the table."""
State = tuple[int, bytes]
"""A generation of the versions, of which a rebuild makes a new one, and the log's hash there."""


def left_out_at(moment: ListMoment | None, matching: Matching) -> dict[str, int] | None:
    """How many, by cause; None if the versions of rows have not come so far.

    `moment` is None for a list of the present. Lists of the present are asked for again and again:
    their numbers are remembered until the next event.
    """
    at, state = (moment, None) if moment is not None else _now()
    if at is None:
        return None
    absent = not_in_table(matching(absent_at(RestoreVersion.objects.all(), at)))
    counted = absent.order_by().values_list("absence").annotate(Count("pk"))
    if state is None:
        return by_cause(counted)
    try:
        statement, given = counted.query.sql_with_params()
    except EmptyResultSet:
        return by_cause(())
    return by_cause(_counted(state, statement, tuple(given)))


@lru_cache(maxsize=500)
def _counted(state: State, statement: str, given: tuple[Any, ...]) -> tuple[tuple[str, int], ...]:
    """The numbers by cause that this statement counts in this state of the versions.

    The statement counts as of a position, so that events after it do not matter.
    """
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        return tuple(cursor.fetchall())


def _now() -> tuple[ListMoment | None, State | None]:
    """The present, and the versions' state; no moment if they have not come so far."""
    versions = PROJECTIONS[RestoreVersion._meta.label]
    found = versions_and_rows()
    if not found:
        return ListMoment(0, versions.scope, None), None  # nothing is recorded yet
    at, rows = found.get(versions.label), found.get(versions.source.label)
    if at is None or rows is None or at.projector_version != versions.version:
        return None, None
    if at.position < rows.position:
        return None, None
    return ListMoment(at.position, rows.scope, None), (at.pk, bytes(at.hash))
