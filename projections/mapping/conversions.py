"""Conversions of a host's value to a column's value: one small function per kind of column.

A conversion returns the value that the column shows. It raises `ConversionError`, with the reason,
if the column cannot hold the host's value. Values are never rounded, cut or guessed.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

from domain.times import FORM, read_time
from domain.values import Tagged, Value

_WHOLE = re.compile(r"[+-]?[0-9]+([.]0*)?").fullmatch

Rule = Callable[[Value], Any]

OF_ITS_BACKUP: Final = "where there is none, the backup's `database_name`, else empty"
OF_ITS_BACKUP_IF_EMPTY: Final = (
    "where there is none or it is empty, the backup's `database_name`, else empty"
)
"""From what the importer derives a target database that the host does not have."""


class ConversionError(Exception):
    """The column cannot hold this value; the text says why."""


def to_text(value: Value) -> str | None:
    """Text, as it is."""
    if value is None or type(value) is str:
        return value
    raise ConversionError(f"not text: {quoted_value(value)}")


def to_integer(value: Value) -> int | None:
    """A whole number, as it is; booleans and numbers with a fraction are not."""
    if value is None or type(value) is int:
        return value
    if isinstance(value, Tagged | str) and _WHOLE(value.v if isinstance(value, Tagged) else value):
        raise ConversionError(
            f"a whole number, but not as an integer of 64 bits: {quoted_value(value)}"
        )
    raise ConversionError(f"not a whole number: {quoted_value(value)}")


def to_boolean(value: Value) -> bool | None:
    """True or false; also 0 and 1, from hosts that store them so."""
    if value is None or type(value) is bool:
        return value
    if type(value) is int and value in (0, 1):
        return bool(value)
    raise ConversionError(f"neither true nor false: {quoted_value(value)}")


def to_time(value: Value) -> datetime | None:
    """An instant in UTC. A time without an offset is UTC already: the importer sees to it."""
    if value is None:
        return None
    if type(value) is not Tagged or value.kind != "time":
        raise ConversionError(f"not of a type of times: {quoted_value(value)}")
    text = value.v
    # Most times have this form; with an offset added, one C call parses them.
    if (
        (len(text) == 19 or (len(text) == 26 and text[19] == "."))
        and text[4] == text[7] == "-"
        and text[10] in " T"
        and text[13] == text[16] == ":"
        and text[11:13] < "24"
    ):
        try:
            return datetime.fromisoformat(text + "+00:00")
        except ValueError:
            pass  # It has an offset, or is not a time.
    moment = read_time(text)
    try:
        if moment is not None:
            return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError:
        pass  # Its offset takes it out of the calendar.
    raise ConversionError(f"not a time like {FORM}: {quoted_value(value)}")


def to_key(value: Value) -> str | None:
    """A key of the host's, whatever its type, as text."""
    if value is None or type(value) is str:
        return value
    if type(value) is bool:
        return "true" if value else "false"
    return value.v if isinstance(value, Tagged) else str(value)


def quoted_value(value: Value) -> str:
    """The value for an error message, shortened."""
    plain = f"{value.kind} {value.v!r}" if isinstance(value, Tagged) else repr(value)
    return plain if len(plain) <= 80 else plain[:77] + "..."
