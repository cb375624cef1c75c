"""How many rows a list leaves out, because they vanished from the host or are quarantined."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Count

from projections.engine.models import GenerationState, WithheldRow

LEFT_OUT = {
    "type": ["object", "null"],
    "description": "Only on a first page: how many rows are in the log and not in this list, "
    "because they vanished from the host or because a column of the table cannot hold them. In "
    "lists of restores those that match the request; in the others all of the table. Null if they "
    "could not be counted.",
    "required": list(WithheldRow.Cause.values),
    "properties": {cause: {"type": "integer"} for cause in WithheldRow.Cause.values},
}
"""The member in the OpenAPI document."""


def by_cause(counted: Iterable[Any]) -> dict[str, int]:
    """Pairs of a cause and a number, with those that are none."""
    return {**dict.fromkeys(WithheldRow.Cause.values, 0), **dict(counted)}


def withheld_from(label: str) -> dict[str, int]:
    """How many rows are kept out of this table, by cause."""
    withheld = WithheldRow.objects.filter(
        generation__label=label, generation__state=GenerationState.LIVE
    )
    return by_cause(withheld.order_by().values_list("cause").annotate(Count("pk")))
