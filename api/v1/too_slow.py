"""The answer to a list that took too long: what in the request was costly, and what to add."""

from http import HTTPStatus
from typing import Any

from rest_framework.request import Request

from api.problems import Problem
from api.v1.filters.extra import is_extra

COSTLY = ("search", "message", "extra", "ordering")
"""Parameters that can make a list slow, beside those of columns in `extra`."""
NARROWING = (
    *("created_at_after", "created_at_before", "target_database", "database_name", "status"),
    *("stream", "recorded_at_after", "recorded_at_before"),
)
"""Filters that make most lists short, the best first."""


def too_slow(request: Request, view: Any, seconds: float) -> Problem:
    """503 `list_too_slow`, with the costly parameters and filters to add."""
    given = request.query_params
    costly = [name for name in given if name in COSTLY or is_extra(name)]
    filters = getattr(getattr(view, "filterset_class", None), "base_filters", {})
    narrowing = [name for name in NARROWING if name in filters and name not in given]
    advice = []
    if narrowing:
        advice.append(f"add a filter, such as {' or '.join(narrowing[:3])}")
    if costly:
        advice.append(f"ask without {', '.join(costly)}")
    told = f" Narrow it: {'; or '.join(advice)}." if advice else ""
    return Problem(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "list_too_slow",
        f"The list was not read within {seconds:g} seconds.{told}",
        costly=costly,
        narrowing=narrowing,
    )
