"""Times in text: one accepted form, in which nothing has to be guessed, rounded or cut.

`YYYY-MM-DD`, a space or `T`, `HH:MM:SS`, optionally a point and one to six digits of a second,
optionally an offset: `Z`, `+HH` or `+HH:MM` (or with `-`), at most 14 hours. Digits are ASCII.
Other forms that Python's `datetime.fromisoformat` accepts (a date alone, weeks, the basic form, a
comma, any separator, more digits, which it cuts off) are not times here.
"""

import re
from datetime import UTC, datetime, timedelta, timezone

FORM = "YYYY-MM-DD HH:MM:SS, with at most six digits of a second, in the years 1 to 9999"
"""The form, for messages."""

_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?(?:(Z)|([+-])(\d\d)(?::(\d\d))?)?",
    re.ASCII,
).fullmatch
_LARGEST = timedelta(hours=14)


def read_time(text: str) -> datetime | None:
    """The time in this text, with its offset if it has one; None if it is not a time."""
    found = _TIME(text)
    if found is None:
        return None
    day, clock, fraction, zulu, sign, hours, minutes = found.groups()
    if clock >= "24":
        return None
    try:
        moment = datetime.fromisoformat(f"{day}T{clock}.{fraction or '':0<6}")
    except ValueError:
        return None
    if zulu:
        return moment.replace(tzinfo=UTC)
    if sign is None:
        return moment
    offset = timedelta(hours=int(hours), minutes=int(minutes or 0))
    # `-00:00` means an unknown offset (RFC 3339), which ISO 8601 does not have.
    if int(minutes or 0) > 59 or offset > _LARGEST or (sign == "-" and not offset):
        return None
    return moment.replace(tzinfo=timezone(-offset if sign == "-" else offset))
