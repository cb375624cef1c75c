"""The last days, and the latest backups: one statement each, for a page that is looked at often.

Unlike an answer, they are not of one moment of the log.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple

from projections.statistics.answer import origins_in, together
from projections.statistics.backup_counts import BackupFacts
from projections.statistics.contribution import Counts
from projections.statistics.figures import figures
from projections.statistics.intervals import Interval, Piece
from projections.statistics.models import Dimension, Grain
from projections.statistics.reading import CountReader
from projections.statistics.sql import sql

MOST_BACKUPS = 500
"""The backups that are looked at: the latest."""


class DayFigures(NamedTuple):
    """A day of UTC, and its figures: see `figures.figures`."""

    day: date
    figures: dict[str, Any]


@dataclass(frozen=True)
class RecentDays:
    """The days up to today, oldest first, and all of them together."""

    days: list[DayFigures]
    total: dict[str, Any]


def recent_days(scope: str, today: date, number: int = 30, *, using: str = "default") -> RecentDays:
    """So many days up to today, from sums alone. Restores that run are in no figure.

    `scope` is that of the table of restores.
    """
    first = today - timedelta(days=number - 1)
    midnight = datetime.combine(first, time(), UTC)
    days = Piece(0, Grain.DAY.value, midnight, midnight + timedelta(days=number))
    reader = CountReader(using, origins_in(scope), {})
    found = reader.sums([days], Dimension.TRIGGER, by_period=True)
    counts = {
        datetime.fromisoformat(begins).date(): one
        for (_, begins), one in found.items()
        if begins is not None
    }
    told = [first + timedelta(days=after) for after in range(number)]
    return RecentDays(
        [DayFigures(day, figures(counts.get(day, Counts()))) for day in told],
        figures(together(counts.values())),
    )


class RecentBackup(NamedTuple):
    """A backup: whether a restore was made from it, and whether one of those had a check."""

    facts: BackupFacts
    restored: bool
    checked: bool


def recent_backups(
    since: datetime, before: datetime, *, using: str = "default"
) -> Sequence[RecentBackup]:
    """The latest backups that were made in an interval, at most `MOST_BACKUPS`."""
    reader = CountReader(using, (), {})
    conditions, given = reader.backup_conditions(Interval(since, before), {})
    statement = sql("recent_backups").format(restored=sql("restored"), conditions=conditions)
    return [
        RecentBackup(BackupFacts.of(row[:-2]), bool(row[-2]), bool(row[-1]))
        for row in reader.read(statement, [*given, MOST_BACKUPS])
    ]
