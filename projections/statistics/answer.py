"""The answer to a question: counts, rates, percentiles of durations, and the longest restores."""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db import connections

from infrastructure.databases.time_limit import TookTooLong, time_limit
from infrastructure.time_zones import name_of_zone
from projections.engine.checkpoints import live
from projections.engine.reading import one_snapshot
from projections.engine.registry import PROJECTIONS, Projection
from projections.engine.scopes import default_scope
from projections.row_versions.freshness import LABEL as VERSIONS
from projections.row_versions.freshness import refuse_if_not_at
from projections.statistics.backups import backups, refuse_unless_of_backups
from projections.statistics.backups_then import LABEL as BACKUPS
from projections.statistics.buckets import RELATIVE_ERROR, shortest_of
from projections.statistics.contribution import STATUSES, Counts
from projections.statistics.errors import AnswerTooSlow, SumsNotReady, TooManyDays
from projections.statistics.figures import figures, restores_of
from projections.statistics.intervals import (
    FIRST,
    LAST,
    Interval,
    LocalDay,
    Piece,
    local_days,
    of_whole_days,
    pieces,
)
from projections.statistics.models import Dimension, RestoreSums
from projections.statistics.past import PastReader
from projections.statistics.question import (
    BOUNDS,
    DAY,
    DIMENSIONS,
    MOST_DAYS,
    Question,
    costly_parts,
)
from projections.statistics.reading import MOMENT, STATUS, CountReader, Groups

SUMS = RestoreSums._meta.label
SOURCES = (SUMS, "system_backups.RestoreLog")
"""The sums, and the restores whose sums they are."""
DAYS = timedelta(days=30)
"""How long an answer by day goes back if the question does not say since when."""
FEW = 20_000
"""Of up to so many restores, the longest are looked for one by one."""
FEW_CHOSEN = 2_000
"""The same with a filter: the longest of more restores than this are among the longest of all."""
NOT_LEGACY = ("consolidated", "recorded")
ORIGINS = ("legacy", *NOT_LEGACY)
Running = dict[tuple[int, str | None], Counter[str]]


def answer(
    question: Question, now: datetime, *, seconds: float | None = None, using: str = "default"
) -> dict[str, Any]:
    """The statistics that were asked for, ready for JSON.

    `now` is where an answer by day ends if the question does not say. `seconds` is how long the
    database may take; None is without a limit. All of it is read in one snapshot. Raises
    `SumsNotReady`, `VersionsBehind`, `TooManyDays`, `NotOfBackups`, `AnswerTooSlow`.
    """
    if question.backups:
        refuse_unless_of_backups(question)
    if question.by == DAY:
        question = replace(question, interval=_of_days(question.interval, now))
    tables = [one.model for one in _tables(question, using)]
    with one_snapshot(tables, using), _limited(question, seconds, using):
        position, reader = _reader(question, using)
        counted = _Counting(question, reader)
        return {
            "interval": {
                "since": _written(question.interval.since),
                "before": _written(question.interval.before),
                "tz": name_of_zone(question.zone),
            },
            "position": position,
            "origins": list(reader.origins),
            "filters": dict(question.only),
            "by": question.by,
            "relative_error": RELATIVE_ERROR,
            "total": counted.total(),
            **counted.groups(),
            "longest": counted.longest(),
            **({"backups": backups(question, reader, using)} if question.backups else {}),
        }


@contextmanager
def _limited(question: Question, seconds: float | None, using: str) -> Iterator[None]:
    if seconds is None:
        yield
        return
    try:
        with time_limit(connections[using], seconds):
            yield
    except TookTooLong as error:
        raise AnswerTooSlow(seconds, costly_parts(question), BOUNDS) from error


def _tables(question: Question, using: str) -> list[Projection]:
    """The projections that have the answer."""
    labels = [*(SOURCES if question.as_of is None else [VERSIONS])]
    labels += [BACKUPS] if question.backups else []
    found = [PROJECTIONS[label] for label in labels]
    for projection in found:
        live(projection, using)  # a new service has none yet, and nothing is written in a snapshot
    return found


def _reader(question: Question, using: str) -> tuple[int, CountReader]:
    """Where the tables are in the log, or the position that is asked for; and what reads them."""
    if question.as_of is not None:
        position, scope = question.as_of
        refuse_if_not_at(position, using)
        _refuse_without_backups(question, position, using)
        return position, PastReader(using, origins_in(scope), question.only, position)
    sums, rows = (live(PROJECTIONS[label], using) for label in SOURCES)
    if (sums.position, sums.projector_version) != (rows.position, PROJECTIONS[SUMS].version):
        raise SumsNotReady("The sums of the statistics", sums.position, rows.position)
    _refuse_without_backups(question, rows.position, using)
    reader = CountReader(using, origins_in(rows.scope), question.only)
    reader.prefer_indexes()
    return rows.position, reader


def _refuse_without_backups(question: Question, position: int, using: str) -> None:
    """Raise `SumsNotReady` if backups are asked for, and their table is not at this event: as of
    a position, or later."""
    if not question.backups:
        return
    found = live(PROJECTIONS[BACKUPS], using).position
    if found < position or (question.as_of is None and found > position):
        raise SumsNotReady("The backups", found, position)


def origins_in(scope: str) -> Sequence[str]:
    """The origins of the restores that a table with this scope has."""
    return NOT_LEGACY if scope == default_scope() else ORIGINS


class _Counting:
    """The counting for one question. Everything is read once."""

    def __init__(self, question: Question, reader: CountReader) -> None:
        self.question = question
        self.reader = reader
        self.parts = list(pieces(question.interval))
        self.whole = _rows_of(question.interval)
        self.days: list[LocalDay] = []
        self.begins: list[datetime] = []
        self.by_value: Groups = {}
        """The counts by value, without the durations of whole periods; or by number of the day."""
        match question.by:
            case None:
                self.by_value = self._counted(None)
                self.all = together(self.by_value.values())
            case "day":
                self.by_value = self._by_day()
                self.all = together(self.by_value.values())
            case by:
                self._by(by)

    def total(self) -> dict[str, Any]:
        running = Counter[str]()
        for _, status, number in self.reader.running(self.question.interval, None):
            running[status] += number
        return {**figures(self.all, running), "unknown_statuses": self._words()}

    def groups(self) -> dict[str, Any]:
        """The groups, those with the most restores first, or the days in their order."""
        by = self.question.by
        if by is None:
            return {}
        return {"groups": self._days(), "groups_left_out": 0} if by == DAY else self._values(by)

    def longest(self) -> list[dict[str, Any]]:
        durations, most = self.all.durations, self.question.longest
        if not durations or not most:
            return []
        missing, shortest = most, 0
        for bucket in sorted(durations, reverse=True):
            missing, shortest = missing - durations[bucket], shortest_of(bucket)
            if missing <= 0:
                break
        interval = self.question.interval
        few = sum(durations.values()) <= (FEW_CHOSEN if self.question.only else FEW)
        return self.reader.longest(interval, [self.whole] if few else [], shortest, most)

    def _of_sums(self, by: str | None) -> tuple[Dimension | None, str | None]:
        """The dimension whose sums have the answer, and the only value of it that counts.

        None where a restore has to have the values of two dimensions: the sums are by one. And for
        what was known at a position, of which there are no sums.
        """
        if self.question.as_of is not None:
            return None, None
        names = {*self.question.only, *([by] if by else [])}
        if not names:
            return Dimension.TRIGGER, None
        if len(names) > 1:
            return None, None
        (name,) = names
        return DIMENSIONS[name], self.question.only.get(name)

    def _counted(self, by: str | None) -> Groups:
        """The counts by this dimension, or of all together."""
        dimension, value = self._of_sums(by)
        if dimension is None:
            return self.reader.rows([self.whole], by, few=False)
        sums = self.reader.sums(_periods(self.parts), dimension, value)
        return _merged(sums, self.reader.rows(_edges(self.parts), by))

    def _by(self, by: str) -> None:
        """Count by value, and all together."""
        dimension, value = self._of_sums(by)
        self.edges: Groups = {}
        if dimension is None:
            self.by_value = self._counted(by)
            self.all = together(self.by_value.values())
            return
        periods = _periods(self.parts)
        self.edges = self.reader.rows(_edges(self.parts), by)
        sums = self.reader.sums(periods, dimension, value, durations=False)
        self.by_value = _merged(sums, self.edges)
        # Fewer rows than those by value have the durations of all.
        few = dimension if value is not None else Dimension.TRIGGER
        self.all = together([*self.reader.sums(periods, few, value).values(), *self.edges.values()])

    def _values(self, by: str) -> dict[str, Any]:
        """The groups by value. Durations are read only of those that are told."""
        question, (dimension, value) = self.question, self._of_sums(by)
        groups = self.by_value
        running: Running = defaultdict(Counter)
        for told, status, number in self.reader.running(question.interval, by):
            running[0, told][status] += number
        size = Counter({key: restores_of(counts) for key, counts in groups.items()})
        for key, by_status in running.items():
            size[key] += by_status.total()
        order = sorted(
            (key for key in size if size[key]),
            key=lambda key: (-size[key], key[1] is None, key[1] or ""),
        )
        shown = order[: question.groups]
        if dimension is not None and shown:
            values = [told for _, told in shown]
            whole = self.reader.sums(_periods(self.parts), dimension, value, values=values)
            groups = _merged(whole, self.edges)
        return {
            "groups": [
                {"value": key[1], **figures(groups.get(key, Counts()), running.get(key))}
                for key in shown
            ],
            "groups_left_out": len(order) - len(shown),
        }

    def _by_day(self) -> Groups:
        """By the number of the day: from sums by day, from those by half hours, or from rows."""
        question = self.question
        since, before = question.interval.since, question.interval.before
        assert since is not None, "an answer by day has bounds"
        assert before is not None, "an answer by day has bounds"
        self.days = list(local_days(since, before, question.zone))
        self.begins = [day.interval.since for day in self.days if day.interval.since is not None]
        dimension, value = self._of_sums(None)
        # The first and the last may be parts of days.
        in_utc = all(of_whole_days(day.interval) for day in self.days[1:-1])
        if dimension is None or (not in_utc and question.only):
            return self._by_day_of_rows()
        if not in_utc:
            dimension = Dimension.ALL
        parts = [
            piece
            for number, day in enumerate(self.days)
            for piece in pieces(day.interval, number, halves=not in_utc)
        ]
        sums = self.reader.sums(_periods(parts), dimension, value)
        groups: Groups = defaultdict(Counts)
        for those in (sums, self.reader.rows(_edges(parts), None)):
            for (number, _), counts in those.items():
                groups[number, None].add(counts.numbers, counts.durations.items())
        return groups

    def _by_day_of_rows(self) -> Groups:
        groups: Groups = defaultdict(Counts)
        for moment, fact, times in self.reader.by_moment(self.whole):
            groups[self._day_of(moment), None].count(fact, times)
        return groups

    def _day_of(self, moment: datetime) -> int:
        """The number of the day that has this moment."""
        return bisect_right(self.begins, moment) - 1

    def _days(self) -> list[dict[str, Any]]:
        """One group a day, also of days without restores."""
        running: Running = defaultdict(Counter)
        for moment, status, number in self.reader.running(self.question.interval, MOMENT):
            running[self._day_of(moment), None][status] += number
        return [
            {
                "value": day.day.isoformat(),
                "since": _written(day.interval.since),
                "before": _written(day.interval.before),
                **figures(self.by_value.get((number, None), Counts()), running.get((number, None))),
            }
            for number, day in enumerate(self.days)
        ]

    def _words(self) -> dict[str, int]:
        """How many restores have each status that only the host knows."""
        if not self.all.numbers[len(STATUSES)]:
            return {}
        reader, words = self.reader, Counter[str]()
        if self.question.only or self.question.as_of is not None:
            groups = reader.rows([self.whole], STATUS, few=False)
        else:
            sums = reader.sums(_periods(self.parts), Dimension.WORD)
            groups = _merged(sums, reader.rows(_edges(self.parts), STATUS))
        for (_, word), counts in groups.items():
            if word not in STATUSES:
                words[str(word)] += restores_of(counts)
        return dict(words.most_common())


def _of_days(interval: Interval, now: datetime) -> Interval:
    """The interval of an answer by day, which has bounds; no zone knows the calendar's last day."""
    before = min(interval.before or now, LAST - timedelta(days=2))
    since = max(interval.since or before - DAYS, FIRST + timedelta(days=2))
    if (days := (before - since).days) > MOST_DAYS:
        raise TooManyDays(days, MOST_DAYS)
    return Interval(since, before)


def _periods(parts: Iterable[Piece]) -> list[Piece]:
    return [piece for piece in parts if piece.grain]


def _edges(parts: Iterable[Piece]) -> list[Piece]:
    return [piece for piece in parts if not piece.grain]


def _rows_of(interval: Interval, number: int = 0) -> Piece:
    """All rows of an interval as one piece."""
    return Piece(number, "", interval.since or FIRST, interval.before or LAST)


def _merged(*those: Groups) -> Groups:
    merged: Groups = defaultdict(Counts)
    for groups in those:
        for key, counts in groups.items():
            merged[key].add(counts.numbers, counts.durations.items())
    return merged


def together(those: Iterable[Counts]) -> Counts:
    """The counts of all of these."""
    found = Counts()
    for counts in those:
        found.add(counts.numbers, counts.durations.items())
    return found


def _written(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat().replace("+00:00", "Z")
