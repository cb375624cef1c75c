"""Intervals of time, and the periods of the sums that they consist of.

An interval begins at a moment and ends before another. Whole periods of it are read from the sums.
The parts of periods at its edges are counted from the rows.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import NamedTuple

from projections.statistics.models import Grain

FIRST = datetime(1, 1, 1, tzinfo=UTC)
LAST = datetime.max.replace(tzinfo=UTC)
"""The last moment that there is. A period that has it begins before it."""
DAY = timedelta(days=1)
HALF = timedelta(minutes=30)


class Interval(NamedTuple):
    """From `since`, to before `before`, both in UTC; None is without a bound."""

    since: datetime | None = None
    before: datetime | None = None


class Piece(NamedTuple):
    """A part of an interval: periods of a grain that begin in it, or rows (grain `""`).

    `taken` are periods that are in another piece with the same number, and not in the interval:
    they are taken away again.
    """

    number: int
    grain: str
    begins: datetime
    ends: datetime
    taken: bool = False


def pieces(interval: Interval, number: int = 0, *, halves: bool = False) -> Iterator[Piece]:
    """The parts of an interval, all with this number: months and days, or only half hours;
    and what is left at the edges."""
    since = interval.since or FIRST
    unit = HALF if halves else DAY
    first = _up(since, unit)
    if interval.before is None:
        before = last = LAST
    else:
        before, last = interval.before, _down(interval.before, unit)
    if first >= last:
        if since < before:
            yield Piece(number, "", since, before)
        return
    if since < first:
        yield Piece(number, "", since, first)
    if halves:
        yield Piece(number, Grain.HALF.value, first, last)
    else:
        yield from _days_and_months(number, first, last)
    if last < before:
        yield Piece(number, "", last, before)


def _days_and_months(number: int, first: datetime, last: datetime) -> Iterator[Piece]:
    """Whole days as months, and the days by which these are too short or too long."""
    begins, ends = _nearest_month(first), _nearest_month(last)
    if begins >= ends or last - first <= abs(first - begins) + abs(last - ends):
        yield Piece(number, Grain.DAY.value, first, last)
        return
    yield Piece(number, Grain.MONTH.value, begins, ends)
    for one, other, taken in ((first, begins, begins < first), (ends, last, last < ends)):
        if one != other:
            yield Piece(number, Grain.DAY.value, min(one, other), max(one, other), taken)


def _nearest_month(day: datetime) -> datetime:
    """The first day of the month that is nearest to a day."""
    if day == LAST:
        return day
    before = day.replace(day=1)
    after = _next_month(before)
    return before if day - before <= after - day else after


class LocalDay(NamedTuple):
    """A day in a time zone, or the part of it that is in an interval."""

    day: date
    interval: Interval


def local_days(since: datetime, before: datetime, zone: tzinfo) -> Iterator[LocalDay]:
    """The days of an interval in this time zone. One is 23 or 25 hours long where clocks change."""
    day, begins = since.astimezone(zone).date(), since
    while begins < before:
        ends = min(_midnight(day + DAY, zone), before)
        # A zone may leave out a whole day, as those west of the date line that moved east of it.
        if begins < ends:
            yield LocalDay(day, Interval(begins, ends))
            begins = ends
        day += DAY


def of_whole_days(interval: Interval) -> bool:
    """Whether it begins and ends with days of UTC."""
    return all(one is None or one == _down(one, DAY) for one in interval)


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def _down(moment: datetime, unit: timedelta) -> datetime:
    return moment - (moment - FIRST) % unit


def _up(moment: datetime, unit: timedelta) -> datetime:
    down = _down(moment, unit)
    if down == moment:
        return moment
    return down + unit if LAST - down > unit else LAST


def _next_month(moment: datetime) -> datetime:
    if (moment.year, moment.month) == (LAST.year, LAST.month):
        return LAST
    year, month = divmod(moment.year * 12 + moment.month, 12)
    return moment.replace(year=year, month=month + 1, day=1)
