"""Cells: values as typed, length-delimited text, so that equal cells mean equal values.

NULL is `-`. Anything else is a letter for its type, its length in UTF-8 bytes, a colon and the
value: `i2:17`, `b1:1`, `t5:hello`, `d26:2024-05-01T00:00:00.000000`, `u36:…`. A row is its
cells joined. A value that the column cannot hold is `UNFIT`, which differs from every actual cell.
"""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from domain.values import Tagged
from projections.verification.expected.schema import ColumnKind

NULL = "-"
UNFIT = "!"

Cells = list[str]
Values = Sequence[Any]


def cell(letter: str, text: str) -> str:
    """One cell of this type."""
    size = len(text) if text.isascii() else len(text.encode("utf-8", "surrogateescape"))
    return f"{letter}{size}:{text}"


def cell_value(cell: str | None) -> Any:
    """A cell's value, for a person: None, an integer, a boolean, or text. Times end in Z."""
    if cell is None or cell in (NULL, UNFIT):
        return None
    letter, text = cell[0], cell.partition(":")[2]
    if letter == "i":
        return int(text)
    if letter == "b":
        return text == "1"
    return f"{text}Z" if letter == "d" else text


class _Parts(dict[str, bool]):
    """Whether a part of a time is valid, in ISO's longest form; each is checked only once."""

    def __init__(self, form: str) -> None:
        self.form = form

    def __missing__(self, part: str) -> bool:
        if len(self) > 200_000:
            self.clear()
        try:
            datetime.fromisoformat(self.form.format(part))
            self[part] = _PART.fullmatch(part) is not None
        except ValueError:
            self[part] = False
        return self[part]


_PART = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{2}:[0-9]{2}:[0-9]{2}")

# --- expected cells, from the host's values ------------------------------------------------


def expected(holds: ColumnKind, values: Values, zone: ZoneInfo | None = None) -> Cells:
    """Cells of a column of this kind, from a host's values; UNFIT if it cannot hold a value.

    Times are text in ISO form; without an offset they are UTC, or local times of `zone`.
    """
    cells = _EXPECTED[holds.kind](holds, values, zone)
    if not holds.null and NULL in cells:
        cells = [UNFIT if cell == NULL else cell for cell in cells]
    return cells


def _integers(holds: ColumnKind, values: Values, zone: ZoneInfo | None) -> Cells:
    low, high = holds.smallest, holds.limit
    return [
        NULL
        if v is None
        else f"i{len(str(v))}:{v}"
        if v.__class__ is int and low <= v <= high
        else UNFIT
        for v in values
    ]


class _Words(dict[Any, str]):
    """A cache of cells for columns with few distinct values."""

    def __init__(self, limit: int) -> None:
        self.limit = limit

    def __missing__(self, value: Any) -> str:
        if len(self) > 20_000:
            self.clear()
        cell = _text(value, self.limit)
        if cell != UNFIT:  # unfit values may be of any length
            self[value] = cell
        return cell


_WORDS = {limit: _Words(limit) for limit in (20, 100)}


def _texts(holds: ColumnKind, values: Values, zone: ZoneInfo | None) -> Cells:
    limit = holds.limit
    if limit in _WORDS:
        words = _WORDS[limit]
        return [words[v] for v in values]
    return [
        f"t{len(v)}:{v}"
        if v.__class__ is str and v.isascii() and len(v) <= limit and "\0" not in v
        else _text(v, limit)
        for v in values
    ]


def _text(value: Any, limit: int) -> str:
    """The cell of a text; UNFIT for a value that is not text or is too long."""
    if value is None:
        return NULL
    if not isinstance(value, str) or len(value) > limit or "\0" in value:
        return UNFIT
    try:
        return f"t{len(value.encode())}:{value}"
    except UnicodeEncodeError:
        return UNFIT


def _booleans(holds: ColumnKind, values: Values, zone: ZoneInfo | None) -> Cells:
    said: dict[int, str] = {True: "b1:1", False: "b1:0"}  # 1 and 0 are the same keys
    return [
        NULL
        if v is None
        else said.get(v, UNFIT)
        if v.__class__ is bool or v.__class__ is int
        else UNFIT
        for v in values
    ]


def _times(holds: ColumnKind, values: Values, zone: ZoneInfo | None) -> Cells:
    if zone is not None:
        return [NULL if v is None else time_cell(v, zone) for v in values]
    return [NULL if v is None else _utc(v) for v in values]


_DAYS = _Parts("{}T00:00:00")
_CLOCKS = _Parts("2000-01-01T{}")


def _utc(text: Any) -> str:
    """The cell of a UTC time as databases write it; each day and clock time is checked once."""
    if text.__class__ is str:
        fraction = text[19:]
        if _DAYS[text[:10]] and text[10:11] in ("T", " ") and _CLOCKS[text[11:19]]:
            if not fraction:
                return f"d26:{text[:10]}T{text[11:]}.000000"
            digits = fraction[1:]
            # isdecimal() alone would accept the digits of any script.
            if len(digits) == 6 and fraction[0] == "." and digits.isdecimal() and digits.isascii():
                return f"d26:{text[:10]}T{text[11:]}"
    return time_cell(text)


def time_cell(value: Any, zone: ZoneInfo | None = None) -> str:
    """The cell of a time: in UTC, always with six digits of a second.

    An ambiguous local time is the earlier of the two; one that the clocks skipped has the offset
    from before the gap. `fold=0` means this in both cases (PEP 495).
    """
    moment = written_moment(value, zone)
    return UNFIT if moment is None else "d26:" + moment.isoformat(timespec="microseconds")


_WRITTEN = re.compile(
    "([0-9]{4})-([0-9]{2})-([0-9]{2})[T ]([0-9]{2}):([0-9]{2}):([0-9]{2})"
    "(?:[.]([0-9]{1,6}))?(Z|[+-][0-9]{2}(?::[0-9]{2})?)?"
)
_FURTHEST = 14 * 60
"""The largest offset of a zone from UTC, in minutes."""


def written_moment(value: Any, zone: ZoneInfo | None = None) -> datetime | None:
    """The instant of a text, as a naive time in UTC; None if the text is not one.

    Only the form in docs/reference/hosts.md is accepted: a text that needs a guess, or has more
    digits than a microsecond, is not an instant. A text without an offset is in UTC, or the local
    time of `zone`.
    """
    parts = _WRITTEN.fullmatch(value) if isinstance(value, str) else None
    if parts is None:
        return None
    *numbers, fraction, offset = parts.groups()
    try:
        year, month, day, hour, minute, second = map(int, numbers)
        micro = int((fraction or "").ljust(6, "0"))
        moment = datetime(year, month, day, hour, minute, second, micro)
        if offset == "Z":
            return moment
        if offset is not None:
            minutes = int(offset[1:3]) * 60 + int(offset[4:] or 0)
            if offset[4:] > "59" or minutes > _FURTHEST or (offset[0] == "-" and not minutes):
                return None
            return moment - timedelta(minutes=minutes if offset[0] == "+" else -minutes)
        if zone is not None:
            return moment.replace(tzinfo=zone, fold=0).astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError):
        return None
    return moment


def _people(holds: ColumnKind, values: Values, zone: ZoneInfo | None) -> Cells:
    return _texts(holds, [person(v) for v in values], zone)


def person(value: Any) -> Any:
    """A key of the user table, of any type, as text."""
    if isinstance(value, Tagged):
        return value.v
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if value.__class__ in (int, float) else value


def _any_text(holds: ColumnKind, values: Values, zone: ZoneInfo | None) -> Cells:
    if values and values.count(values[0]) == len(values):
        return [cell("t", values[0])] * len(values)
    return [cell("t", v) for v in values]


def _uuids(holds: ColumnKind, values: Values, zone: ZoneInfo | None) -> Cells:
    return [
        NULL if v is None else f"u36:{v[:8]}-{v[8:12]}-{v[12:16]}-{v[16:20]}-{v[20:]}"
        for v in values
    ]


_EXPECTED: dict[str, Callable[[ColumnKind, Values, ZoneInfo | None], Cells]] = {
    "integer": _integers,
    "text": _texts,
    "boolean": _booleans,
    "time": _times,
    "person": _people,
    "extra": _any_text,
    "uuid": _uuids,
}


# --- actual cells, from a projection's table ------------------------------------------------


def found(kind: str, values: Values) -> Cells:
    """Cells of a projection's column, for any value: none is unfit here.

    Times are text as SQLite stores them or in ISO form; UUIDs are text with or without hyphens.
    A value of another type than the column's keeps its own type, and so differs.
    """
    return _FOUND[kind](values)


def _found_integers(values: Values) -> Cells:
    return [f"i{len(str(v))}:{v}" if v.__class__ is int else anything(v) for v in values]


def _found_texts(values: Values) -> Cells:
    return [f"t{len(v)}:{v}" if v.__class__ is str and v.isascii() else anything(v) for v in values]


def _found_booleans(values: Values) -> Cells:
    return [_found_boolean(v) for v in values]


def _found_boolean(value: Any) -> str:
    # SQLite stores a boolean as 0 or 1.
    if value.__class__ in (bool, int) and value in (0, 1):
        return "b1:1" if value else "b1:0"
    return anything(value)


def _found_times(values: Values) -> Cells:
    return [NULL if v is None else _found_time(v) for v in values]


def _found_time(value: Any) -> str:
    # Django writes SQLite's times in UTC, and leaves out a fraction of zero.
    if value.__class__ is str:
        if len(value) == 26:
            return f"d26:{value[:10]}T{value[11:]}"
        if len(value) == 19:
            return f"d26:{value[:10]}T{value[11:]}.000000"
    return anything(value)


def _found_uuids(values: Values) -> Cells:
    return [_found_uuid(v) for v in values]


def _found_uuid(value: Any) -> str:
    if value.__class__ is str:
        if len(value) == 32:
            v = value
            return f"u36:{v[:8]}-{v[8:12]}-{v[12:16]}-{v[16:20]}-{v[20:]}"
        if len(value) == 36:
            return f"u36:{value}"
    return anything(value)


def anything(value: Any) -> str:
    """The cell of a value of any type that a database can return."""
    if value is None:
        return NULL
    if isinstance(value, bool):
        return cell("b", str(int(value)))
    if isinstance(value, int):
        return cell("i", str(value))
    if isinstance(value, bytes):
        return cell("x", value.hex())
    return cell("t" if isinstance(value, str) else "f", str(value))


_FOUND: dict[str, Callable[[Values], Cells]] = {
    "integer": _found_integers,
    "text": _found_texts,
    "boolean": _found_booleans,
    "time": _found_times,
    "person": _found_texts,
    "extra": _found_texts,
    "uuid": _found_uuids,
}
