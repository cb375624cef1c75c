"""The last 30 days in figures and as a chart, and the backups that were made in them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from projections.statistics.backup_counts import BackupFacts
from projections.statistics.recent import (
    MOST_BACKUPS,
    DayFigures,
    RecentBackup,
    RecentDays,
    recent_backups,
    recent_days,
)

DAYS = 30
TOLD = 5
"""Backups that are named."""


@dataclass(frozen=True)
class LastDays:
    """The figures of the days, which are of UTC."""

    since: str
    """The first day."""
    total: dict[str, Any]
    ended: int
    days: list[DayFigures]
    """Those with a restore, the latest first."""
    chart: str
    """What `charts.js` draws: seconds, and numbers by outcome, as JSON."""


def last_days(scope: str, present: datetime) -> LastDays:
    """The days up to the present one."""
    recent = recent_days(scope, present.date(), DAYS)
    return LastDays(
        since=recent.days[0].day.isoformat(),
        total=recent.total,
        ended=_ended(recent.total),
        days=[one for one in reversed(recent.days) if one.figures["restores"]],
        chart=_chart(recent),
    )


def _ended(figures: dict[str, Any]) -> int:
    """Restores of which the success rate is."""
    return int(figures["completed"] + figures["partial"] + figures["failed"])


def _chart(recent: RecentDays) -> str:
    told = [one.figures for one in recent.days]
    return json.dumps(
        {
            "days": [one.day.isoformat() for one in recent.days],
            **{name: [one[name] for one in told] for name in ("completed", "partial", "failed")},
        }
    )


@dataclass(frozen=True)
class BackupsLately:
    """What became of the backups that were made in the last days."""

    number: int
    is_all: bool
    """False if there are more than were looked at."""
    never_restored: int
    never_checked: int
    latest: list[BackupFacts]
    """The latest of which nobody knows whether they can be restored."""


def backups_lately(present: datetime) -> BackupsLately:
    """The backups of the same days. A check of a backup's file does not count."""
    found: Sequence[RecentBackup] = recent_backups(present - timedelta(days=DAYS), present)
    unchecked = [one.facts for one in found if not one.checked]
    return BackupsLately(
        number=len(found),
        is_all=len(found) < MOST_BACKUPS,
        never_restored=sum(not one.restored for one in found),
        never_checked=len(unchecked),
        latest=unchecked[:TOLD],
    )
