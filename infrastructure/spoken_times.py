"""Times as people write them: `yesterday`, `24h`, `2 days ago`, `22:30`."""

import re
from datetime import UTC, datetime, timedelta, tzinfo

from infrastructure.event_store.moments import NotAMoment

FORMS = "yesterday, 24h, '2 days ago', 22:30, 2026-01-31, '2026-01-31 22:30' or an ISO 8601 time"

_AMOUNT = re.compile(
    r"(?P<count>[0-9]+|an?) *"
    r"(?P<unit>s|sec|seconds?|m|min|minutes?|h|hours?|d|days?|w|weeks?)(?: +ago)?",
    re.ASCII,
).fullmatch
_DAY = re.compile(r"(today|yesterday|[0-9]{4}-[0-9]{2}-[0-9]{2})(?:[T ]+(.+))?", re.ASCII).fullmatch
_TIME = re.compile(r"([01]?[0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?", re.ASCII).fullmatch
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_LAST = timedelta(days=1) - timedelta(microseconds=1)


def spoken_moment(text: str, now: datetime, zone: tzinfo, *, end: bool = False) -> datetime:
    """The UTC time that was written, in this zone unless it names another.

    A day alone is its beginning, or its `end`. A time of day alone is the last such one. Raises
    `NotAMoment`.
    """
    try:
        moment = _read(" ".join(text.split()), now, zone, end)
        if moment is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise NotAMoment(text)


def spoken_length(text: str) -> timedelta | None:
    """The length of time that was written, such as `24h` or `2 weeks`; None if it is none."""
    found = _AMOUNT(" ".join(text.split()).lower())
    if found is None:
        return None
    try:
        return _length(found)
    except OverflowError as error:
        raise NotAMoment(text) from error


def _length(found: "re.Match[str]") -> timedelta:
    count = 1 if found["count"].startswith("a") else int(found["count"])
    return timedelta(**{_UNITS[found["unit"][0]]: count})


def _read(text: str, now: datetime, zone: tzinfo, end: bool) -> datetime | None:
    spoken = text.lower()
    if spoken == "now":
        return now
    if found := _AMOUNT(spoken):
        return now - _length(found)
    today = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    if _TIME(spoken):
        moment = _at(today, spoken).replace(tzinfo=zone)
        return moment if moment <= now else _at(today - timedelta(days=1), spoken, zone)
    if found := _DAY(spoken):
        named, rest = found.groups()
        if named in ("today", "yesterday"):
            day = today if named == "today" else today - timedelta(days=1)
            if rest is None or _TIME(rest):
                return _at(day, rest, zone) if rest else (day + _LAST * end).replace(tzinfo=zone)
            return None
        if rest is None:
            day = datetime.fromisoformat(named)
            return (day + _LAST * end).replace(tzinfo=zone)
        if _TIME(rest):
            return _at(datetime.fromisoformat(named), rest, zone)
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _at(day: datetime, time: str, zone: tzinfo | None = None) -> datetime:
    hours, *others = (int(part) for part in time.split(":"))
    minute, second = (*others, 0)[:2]
    return day.replace(hour=hours, minute=minute, second=second, tzinfo=zone)
