"""How many restores a list leaves out: those that match it, and have no row in the table."""

from collections.abc import Callable
from typing import Any

from django.db.models import Count, QuerySet

from api.v1.left_out import by_cause
from api.v1.restores.as_of import ListMoment, absent_at
from projections.engine.models import Generation, GenerationState
from projections.engine.registry import PROJECTIONS
from projections.row_versions.as_of import not_in_table
from projections.row_versions.models import RestoreVersion

Matching = Callable[[QuerySet[Any]], QuerySet[Any]]
"""Those of some rows that a list would have, if they were in the table."""


def left_out_at(moment: ListMoment | None, matching: Matching) -> dict[str, int] | None:
    """How many, by cause; None if the versions of rows have not come so far.

    `moment` is None for a list of the present.
    """
    moment = moment or _now()
    if moment is None:
        return None
    absent = not_in_table(matching(absent_at(RestoreVersion.objects.all(), moment)))
    return by_cause(absent.order_by().values_list("absence").annotate(Count("pk")))


def _now() -> ListMoment | None:
    """The present; None if the versions of rows have not come so far."""
    versions = PROJECTIONS[RestoreVersion._meta.label]
    labels = (versions.label, versions.source.label)
    live = Generation.objects.filter(label__in=labels, state=GenerationState.LIVE)
    found = {one.label: one for one in live}
    if not found:
        return ListMoment(0, versions.scope, None)  # nothing is recorded yet
    at, rows = (found.get(label) for label in labels)
    if at is None or rows is None or at.projector_version != versions.version:
        return None
    return None if at.position < rows.position else ListMoment(at.position, rows.scope, None)
