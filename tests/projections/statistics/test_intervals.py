"""Intervals are cut into periods without a gap, and buckets are as narrow as they promise."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from projections.statistics.buckets import BOUNDS, LONGEST, bucket_of, percentile, stands_for
from projections.statistics.intervals import Interval, local_days, pieces
from projections.statistics.models import Grain

MOMENTS = st.datetimes(timezones=st.just(UTC))
OF_HISTORY = st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))
LENGTHS = st.timedeltas(timedelta(0), timedelta(days=500))


def begin(grain: str, moment: datetime) -> datetime:
    """Where the period of a grain begins that a moment is in."""
    if grain == Grain.HALF:
        return moment.replace(minute=moment.minute // 30 * 30, second=0, microsecond=0)
    day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    return day if grain == Grain.DAY else day.replace(day=1)


@given(st.one_of(st.none(), MOMENTS), st.one_of(st.none(), MOMENTS), MOMENTS, st.booleans())
@settings(max_examples=300, deadline=None, derandomize=True, database=None)
def test_each_moment_of_an_interval_counts_once(
    since: datetime | None, before: datetime | None, moment: datetime, halves: bool
):
    if since is not None and before is not None and before < since:
        since, before = before, since
    parts = list(pieces(Interval(since, before), halves=halves))
    inside = (since is None or since <= moment) and (before is None or moment < before)
    found = [
        -1 if one.taken else 1
        for one in parts
        if one.begins <= (begin(one.grain, moment) if one.grain else moment) < one.ends
    ]
    assert sum(found) == int(inside)
    for one in parts:
        assert one.begins < one.ends
        assert not one.grain or begin(one.grain, one.begins) == one.begins


@given(OF_HISTORY, LENGTHS)
@settings(max_examples=300, deadline=None, derandomize=True, database=None)
def test_few_days_are_added_to_months_or_taken_away(since: datetime, length: timedelta):
    parts = list(pieces(Interval(since, since + length)))
    days = sum((one.ends - one.begins for one in parts if one.grain == Grain.DAY), timedelta(0))
    assert days <= timedelta(days=31)


@given(
    st.datetimes(datetime(1880, 1, 1), datetime(2050, 1, 1), timezones=st.just(UTC)),
    LENGTHS,
    st.sampled_from(
        ["UTC", "Asia/Kolkata", "Pacific/Apia", "America/Sao_Paulo", "America/Havana",
         "Europe/Paris", "Africa/Monrovia", "Antarctica/Troll", "Asia/Manila"]
    ),
)  # fmt: skip
@settings(max_examples=60, deadline=None, derandomize=True, database=None)
def test_local_days_are_those_of_the_calendar(since: datetime, length: timedelta, name: str):
    zone, before = ZoneInfo(name), since + length
    days = list(local_days(since, before, zone))
    bounds = [moment for day in days for moment in day.interval]
    assert bounds[:1] == [since][: len(bounds)]
    assert bounds[-1:] == [before][: len(bounds)]
    assert bounds[1:-1:2] == bounds[2::2]
    for day in days:
        begins, ends = day.interval
        assert begins is not None
        assert ends is not None
        last = ends - timedelta(microseconds=1)
        assert begins.astimezone(zone).date() == last.astimezone(zone).date() == day.day


def test_what_stands_for_a_bucket_is_within_one_per_cent_of_all_that_is_in_it():
    for shortest, following in pairwise(BOUNDS):
        longest = min(following - 1, LONGEST)
        assert bucket_of(shortest) == bucket_of(longest) != bucket_of(shortest - 1)
        for seconds in (shortest, longest):
            assert abs(stands_for(bucket_of(seconds)) - seconds) <= seconds * 0.01
    assert [stands_for(bucket_of(seconds)) for seconds in range(101)] == list(range(101))
    assert bucket_of(LONGEST) == bucket_of(LONGEST - 1) < 1_000


def test_a_percentile_is_the_shortest_that_so_many_do_not_exceed():
    assert percentile({}, 50) is None
    assert [percentile({3: 1, 5: 98, 9: 1}, percent) for percent in (1, 2, 99, 100)] == [3, 5, 5, 9]
