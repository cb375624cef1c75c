"""Reads what was asked for: intervals in words, zones and filters."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, tzinfo

from infrastructure.event_store.moments import NotAMoment
from infrastructure.spoken_times import FORMS, spoken_length, spoken_moment
from infrastructure.time_zones import NotATimeZone, time_zone
from projections.statistics.errors import IntervalNotUnderstood
from projections.statistics.intervals import LAST, Interval

LEAST = timedelta(microseconds=1)


def zone_asked_for(name: str | None) -> tzinfo:
    """The time zone that was named, by default UTC. Raises `IntervalNotUnderstood`."""
    try:
        return UTC if name is None else time_zone(name)
    except NotATimeZone as error:
        raise IntervalNotUnderstood(
            "tz", f"{name!r} is not a time zone. Give a name such as Europe/Berlin, or +05:30."
        ) from error


def interval_asked_for(asked: Mapping[str, str | None], now: datetime, zone: tzinfo) -> Interval:
    """The interval of `since`, `until` and `last`, each of which may be missing.

    `until` is included, all of it if it is a day. `last` is a length of time up to now. Raises
    `IntervalNotUnderstood`.
    """
    since, until, last = (asked.get(name) for name in ("since", "until", "last"))
    if last is not None:
        if since is not None or until is not None:
            raise IntervalNotUnderstood("last", "Give last, or since and until.")
        length = _length(last)
        try:
            return Interval(now - length, now)
        except OverflowError as error:
            raise IntervalNotUnderstood("last", f"{last!r} is too long.") from error
    begins = None if since is None else _moment("since", since, now, zone)
    ends = None if until is None else _moment("until", until, now, zone)
    if begins is not None and ends is not None and ends < begins:
        raise IntervalNotUnderstood("until", "until is before since.")
    if ends is not None:
        ends = ends + LEAST if ends < LAST else None
    return Interval(begins, ends)


def _length(text: str) -> timedelta:
    try:
        length = spoken_length(text)
    except NotAMoment:
        length = None
    if length is None:
        raise IntervalNotUnderstood(
            "last", f"{text!r} is not a length of time. Give one such as 24h, 30 days or 2 weeks."
        )
    return length


def _moment(parameter: str, text: str, now: datetime, zone: tzinfo) -> datetime:
    try:
        return spoken_moment(text, now, zone, end=parameter == "until")
    except NotAMoment as error:
        raise IntervalNotUnderstood(parameter, f"{text!r} is not a time. Give {FORMS}.") from error
