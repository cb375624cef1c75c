"""A host's column values as events store them: verbatim, without rounding."""

from typing import Literal

import msgspec

Kind = Literal["time", "decimal", "float", "bytes", "raw"]


class Tagged(msgspec.Struct, frozen=True):
    """A value that JSON would not keep exactly: its kind, and the host's own text for it.

    Stored as `{"$": kind, "v": text}`. `time` is a date and time as the host wrote it, with or
    without an offset; `decimal` and `float` are numbers; `bytes` is hexadecimal; `raw` is the
    text of any other type, or the hexadecimal bytes of text that is not valid UTF-8.
    """

    kind: Kind = msgspec.field(name="$")
    v: str


Value = None | bool | int | str | Tagged
"""A column's value. Null, booleans, integers and text are JSON's own; the rest is tagged."""

Columns = dict[str, Value]
"""A host row, column name to value, in the host's column order."""

Sources = dict[str, tuple[str, ...]]
"""Target column to the host columns that may fill it: the first that is not null does."""


def chosen_value(columns: Columns, sources: Sources, target: str, usual: str) -> Value:
    """The host row's value for a target column: from `usual` unless `sources` says otherwise."""
    for name in sources.get(target, (usual,)):
        value = columns.get(name)
        if value is not None:
            return value
    return None
