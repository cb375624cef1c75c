"""Times as people write and read them: `yesterday`, `24h`, `3 minutes ago`."""

import re
from datetime import UTC, datetime, timedelta, tzinfo

from api.management.arguments import OptionsDoNotFit

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


def read_spoken(
    option: str, text: str, now: datetime, zone: tzinfo, *, end: bool = False
) -> datetime:
    """The UTC time that was written, in this zone unless it names another.

    A day alone is its beginning, or its `end`. A time of day alone is the last such one. Raises
    `OptionsDoNotFit`, which names the option.
    """
    try:
        moment = _read(" ".join(text.split()), now, zone, end)
        if moment is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise OptionsDoNotFit(f"{option}: {text!r} is not a time. Give {FORMS}.")


def _read(text: str, now: datetime, zone: tzinfo, end: bool) -> datetime | None:
    spoken = text.lower()
    if spoken == "now":
        return now
    if found := _AMOUNT(spoken):
        count = 1 if found["count"].startswith("a") else int(found["count"])
        return now - timedelta(**{_UNITS[found["unit"][0]]: count})
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


def ago(moment: datetime, now: datetime) -> str:
    """`3 minutes ago`, `in 2 days`: how far a time is from now, in one unit."""
    seconds = (now - moment).total_seconds()
    size = abs(seconds)
    if size < 1:
        return "now"
    for limit, length, unit in (
        (90, 1, "second"),
        (90 * 60, 60, "minute"),
        (48 * 3600, 3600, "hour"),
        (60 * 86_400, 86_400, "day"),
        (730 * 86_400, 30.44 * 86_400, "month"),
        (float("inf"), 365.25 * 86_400, "year"),
    ):
        if size < limit:
            told = _count(int(size / length), unit)
            return f"{told} ago" if seconds > 0 else f"in {told}"
    raise AssertionError(size)


def duration_in_words(seconds: int) -> str:
    """`1 hour 45 minutes`, `3 minutes 20 seconds`: a duration in its two largest units."""
    if seconds < 0:
        return f"{duration_in_words(-seconds)} less than nothing: it ended before it started"
    parts = _parts(seconds)
    return " ".join(_count(*part) for part in parts) if parts else "0 seconds"


def briefly(seconds: int) -> str:
    """The same for a table: `1h 45m`, `3m 20s`."""
    if seconds < 0:
        return f"-{briefly(-seconds)}"
    return " ".join(f"{count}{unit[0]}" for count, unit in _parts(seconds)) or "0s"


def _parts(seconds: int) -> list[tuple[int, str]]:
    """The two largest units of a duration, without those that are 0."""
    counts = []
    for length, unit in ((86_400, "day"), (3600, "hour"), (60, "minute"), (1, "second")):
        count, seconds = divmod(seconds, length)
        counts.append((count, unit))
    first = next((n for n, (count, _) in enumerate(counts) if count), len(counts))
    return [part for part in counts[first : first + 2] if part[0]]


def _count(count: int, unit: str) -> str:
    return f"{count:,} {unit}" if count == 1 else f"{count:,} {unit}s"
