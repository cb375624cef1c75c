"""The columns of an export."""

from typing import Literal, NamedTuple

Kind = Literal["integer", "text", "boolean", "time", "uuid", "json"]
"""The type of a column's values; `json` is text that holds JSON."""


class FileColumn(NamedTuple):
    """A column by its name, and the type of its values, any of which may be None."""

    name: str
    kind: Kind
