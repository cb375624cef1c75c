"""Text without regard to upper and lower case, alike on both databases.

Each character becomes its lower case by Unicode's simple mapping, which never depends on the
characters beside it. PostgreSQL has the function `restorelog_folded` from a migration; SQLite
gets it with each connection.
"""

from typing import Any

from django.db.backends.signals import connection_created
from django.db.models import Func, TextField

NAME = "restorelog_folded"


def lower_case(text: str) -> str:
    """The text in lower case, character by character."""
    if not text.isascii():
        # Python's own mapping looks at the end of the word for the one, and makes two characters
        # of the other.
        text = text.replace("\u03a3", "\u03c3").replace("\u0130", "i")
    return text.lower()


class LowerCase(Func):
    """A column's text as `lower_case` returns it."""

    function = NAME
    output_field = TextField()


def teach_folding(sender: Any, connection: Any, **kwargs: Any) -> None:
    """Register the function on a new SQLite connection."""
    if connection.vendor == "sqlite":
        connection.connection.create_function(
            NAME, 1, lambda text: None if text is None else lower_case(text), deterministic=True
        )


def register_folding() -> None:
    """Register the function on every new connection."""
    connection_created.connect(teach_folding)
