"""What a restore's row adds to the sums. Pure: no database, no other restore.

A restore counts when it ended; when it started, if it has no end; when it was made, if it has
neither. Those that still run add nothing: they are counted in the table of restores itself, so
that their events cost the sums nothing.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, Final, NamedTuple

from projections.engine.histograms import Histogram
from projections.engine.registry import Key, Measures, Sums
from projections.statistics.buckets import bucket_of
from projections.statistics.models import Dimension, Grain

VERSION: Final = 1
"""Raise it with every change to what a restore adds; live tables then need a rebuild."""

RUNNING: Final = ("pending", "in_progress")
ENDED: Final = ("completed", "partial", "failed")
"""Those of which the success rate is."""
STATUSES: Final = (*ENDED, "cancelled")
HALF: Final = timedelta(minutes=30)

_PLACES: Final = {status: number for number, status in enumerate(STATUSES)}
_OTHER = len(STATUSES)
_PASSED, _REFUTED, _NEGATIVE, _MISSING, _SECONDS = range(_OTHER + 1, _OTHER + 6)
_WHOLE = _SECONDS + 1
_TARGET, _TYPE, _TRIGGER, _PERSON, _WORD = (
    one.value
    for one in (
        *(Dimension.TARGET, Dimension.TYPE, Dimension.TRIGGER, Dimension.PERSON, Dimension.WORD),
    )
)


class Counts:
    """Measures that grow: see the columns of `RestoreSums`, in their order."""

    __slots__ = ("durations", "numbers")

    def __init__(self) -> None:
        self.numbers = [0] * _WHOLE
        self.durations: dict[int, int] = {}

    def count(self, fact: "Fact", times: int = 1) -> None:
        """Count so many restores of this kind."""
        numbers = self.numbers
        for place in fact.places:
            numbers[place] += times
        bucket = fact.bucket
        if bucket is not None:
            numbers[_SECONDS] += fact.seconds * times
            self.durations[bucket] = self.durations.get(bucket, 0) + times

    def add(self, numbers: Iterable[int], durations: Iterable[tuple[int, int]]) -> None:
        """Add other counts, whose durations are pairs of a bucket and a number."""
        self.numbers = [mine + other for mine, other in zip(self.numbers, numbers, strict=True)]
        for bucket, number in durations:
            left = self.durations.get(bucket, 0) + number
            if left:
                self.durations[bucket] = left
            else:
                self.durations.pop(bucket, None)

    def take(self, numbers: Iterable[int], durations: Iterable[tuple[int, int]]) -> None:
        """Take away other counts, which are among these or will be added."""
        self.add([-number for number in numbers], [(one, -number) for one, number in durations])

    @property
    def measures(self) -> Measures:
        return (*self.numbers, Histogram(self.durations))


class Fact(NamedTuple):
    """What counts about a restore: the numbers that it adds one to, and its duration."""

    places: tuple[int, ...]
    seconds: int
    bucket: int | None
    """None if the duration does not count."""


def fact_of(status: str, validation: str | None, seconds: int | None, backwards: bool) -> Fact:
    """What counts about a restore. `backwards`: it ended before it started."""
    place = _PLACES.get(status, _OTHER)
    if place >= len(ENDED):
        return Fact((place,), 0, None)
    checked: tuple[int, ...] = ()
    if validation is not None and status != "failed":
        checked = (_PASSED,) if validation == "passed" else (_REFUTED,)
    if backwards:
        return Fact((place, _NEGATIVE, *checked), 0, None)
    if seconds is None:
        return Fact((place, _MISSING, *checked), 0, None)
    return Fact((place, *checked), seconds, bucket_of(seconds))


def contribute(row: Any) -> Sums:
    """What one restore adds."""
    return contribute_all([row])


def contribute_all(rows: Sequence[Any]) -> Sums:
    """What these restores add together. A rebuild calls it with all of them, so it is short."""
    halves: defaultdict[tuple[int, str], Counts] = defaultdict(Counts)
    days: defaultdict[tuple[str, str | None, int, str], Counts] = defaultdict(Counts)
    for row in rows:
        status = row.status
        if status in RUNNING:
            continue
        start, end, origin = row.started_at, row.completed_at, row.origin
        moment = end or start or row.created_at
        fact = fact_of(
            status,
            row.validation,
            row.duration_seconds,
            end is not None and start is not None and end < start,
        )
        day = moment.toordinal()
        halves[day * 48 + moment.hour * 2 + moment.minute // 30, origin].count(fact)
        days[_TARGET, row.target_database, day, origin].count(fact)
        days[_TYPE, row.restore_type, day, origin].count(fact)
        days[_TRIGGER, row.trigger_type, day, origin].count(fact)
        # Who asked for it: by the host's key where the name is not known.
        name = row.created_by_username
        days[_PERSON, row.created_by_id if name is None else name, day, origin].count(fact)
        if status not in _PLACES:
            days[_WORD, status, day, origin].count(fact)
    sums: Sums = {}
    for (number, origin), counts in halves.items():
        begins = _midnight(number // 48) + HALF * (number % 48)
        sums[Dimension.ALL.value, "", Grain.HALF.value, begins, origin] = counts.measures
    months: defaultdict[Key, Counts] = defaultdict(Counts)
    for (dimension, value, day, origin), counts in days.items():
        begins = _midnight(day)
        sums[dimension, value, Grain.DAY.value, begins, origin] = counts.measures
        month = (dimension, value, Grain.MONTH.value, begins.replace(day=1), origin)
        months[month].add(counts.numbers, counts.durations.items())
    sums.update((key, counts.measures) for key, counts in months.items())
    return sums


@lru_cache(maxsize=1_000)
def _midnight(day: int) -> datetime:
    """The beginning of a day, given by its number."""
    return datetime.combine(date.fromordinal(day), time(), UTC)
