"""Times as people read them, and as they type them on a command line."""

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Any

from api.management.arguments import OptionsDoNotFit
from api.management.shell_zone import shell_zone
from infrastructure.event_store.moments import NotAMoment
from infrastructure.spoken_times import FORMS, spoken_moment
from projections.statistics.asking import interval_asked_for, zone_asked_for
from projections.statistics.errors import IntervalNotUnderstood
from projections.statistics.intervals import Interval


def read_spoken(
    option: str, text: str, now: datetime, zone: tzinfo, *, end: bool = False
) -> datetime:
    """The UTC time that was typed: see `spoken_moment`.

    Raises `OptionsDoNotFit`, which names the option.
    """
    try:
        return spoken_moment(text, now, zone, end=end)
    except NotAMoment as error:
        raise OptionsDoNotFit(f"{option}: {text!r} is not a time. Give {FORMS}.") from error


def zone_option(options: Mapping[str, Any]) -> tzinfo:
    """The zone of `--tz`, by default the shell's. Raises `OptionsDoNotFit`, `ZoneUnknown`."""
    if options["tz"] is None:
        return shell_zone()
    try:
        return zone_asked_for(options["tz"])
    except IntervalNotUnderstood as error:
        raise OptionsDoNotFit(f"--tz: {error}") from error


def interval_of(options: Mapping[str, Any], now: datetime, zone: tzinfo) -> Interval:
    """The interval of `--since`, `--until` and `--last`, as of REST's parameters.

    Raises `OptionsDoNotFit`, which names the option.
    """
    asked = {name: options[name] for name in ("since", "until", "last")}
    try:
        return interval_asked_for(asked, now, zone)
    except IntervalNotUnderstood as error:
        raise OptionsDoNotFit(f"--{error.facts['parameter']}: {error}") from error


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
