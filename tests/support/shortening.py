"""A log that lost its end, as a restored backup or a promoted asynchronous replica leaves it."""

from django.db import connections

from tests.support import forging


def shorten(url: str, after: int) -> None:
    """Cut off everything behind a position; whoever is connected is connected anew."""
    connections.close_all()
    forging.cut(url, after)
