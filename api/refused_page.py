"""The page of a request that no view could answer: the service is busy, or has no database.

It needs neither an account nor the database. What is not a page is answered with a problem in JSON.
"""

from functools import lru_cache
from http import HTTPStatus

from django.template.loader import render_to_string

PASSING = frozenset({HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.TOO_MANY_REQUESTS})
"""The statuses of a service that answers later."""


@lru_cache(maxsize=100)
def refused_page(status: int, detail: str, *, was_form: bool) -> str:
    """The page as HTML. `was_form` says whether the request may have recorded something."""
    title = "The service cannot answer now" if status in PASSING else "The request was refused"
    context = {"title": title, "detail": detail, "was_form": was_form}
    return render_to_string("api/refused.html", context)
