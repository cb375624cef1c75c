"""The restores that run, those that failed lately, and the latest: one statement, and a count."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import OuterRef, Subquery
from django.db.models.expressions import RawSQL
from django.db.models.functions import Left

from api.console.overview.sql import sql
from api.v1.rows import heads
from infrastructure.running.models import Heartbeat
from projections.statistics.contribution import RUNNING
from projections.system_backups.models import RestoreLog

RUNS, FAILED, LATEST = 10, 8, 10
"""How many are shown of each."""
LATELY = timedelta(days=7)
CLOCKS_DIFFER = timedelta(days=1)
"""A clock or a zone may be wrong by this much. Later times would stay at the top of the list."""
MESSAGE, PHASE = 160, 100
"""Characters of a message, and of a heartbeat's phase."""


@dataclass(frozen=True)
class RestoreAtWork:
    """A restore that runs or waits, with what its last heartbeat said."""

    row: Any
    seconds: int | None
    """How long it has run, or waited; None if its start is in the future."""
    silent: bool
    """Whether heartbeats came, and none for so long that its watcher seems to be gone."""


@dataclass(frozen=True)
class RestoresNow:
    """What the overview shows of single restores: the latest first, those that run with a heartbeat
    before the others."""

    running: list[RestoreAtWork]
    more_run: bool
    failed: list[Any]
    more_failed: bool
    latest: list[Any]
    ahead: int
    """How many are dated later than `ahead_of`, and are not among the latest."""
    ahead_of: datetime


def restores_now(present: datetime) -> RestoresNow:
    """The restores that run, failed within `LATELY`, and are the latest."""
    since, tomorrow = present - LATELY, present + CLOCKS_DIFFER
    rows = list(_rows(since, tomorrow))
    running = [row for row in rows if row.status in RUNNING]
    running.sort(key=lambda row: row.last_beat is None)
    failed = [row for row in rows if row.status == "failed" and since <= row.created_at < tomorrow]
    latest = [row for row in rows if row.created_at < tomorrow]
    return RestoresNow(
        running=[_running(row, present) for row in running[:RUNS]],
        more_run=len(running) > RUNS,
        failed=failed[:FAILED],
        more_failed=len(failed) > FAILED,
        latest=latest[:LATEST],
        ahead=RestoreLog.objects.filter(created_at__gte=tomorrow).count(),
        ahead_of=tomorrow,
    )


def _rows(since: datetime, before: datetime) -> Any:
    adapted = connection.ops.adapt_datetimefield_value
    runs, fails = RUNS + 1, FAILED + 1
    given = [runs] * 3 + [adapted(since), adapted(before), fails, adapted(before), LATEST]
    beat = Heartbeat.objects.filter(restore_id=OuterRef("restore_id"))
    return (
        heads(RestoreLog, MESSAGE, 1)
        .filter(pk__in=RawSQL(sql("shown_now"), given))
        .annotate(
            percent=Subquery(beat.values("percent")),
            phase=Subquery(beat.values(short=Left("phase", PHASE))),
            last_beat=Subquery(beat.values("last_at")),
        )
        .order_by("-created_at", "-id")
    )


def _running(row: Any, present: datetime) -> RestoreAtWork:
    began = row.started_at or row.created_at
    silence = timedelta(seconds=settings.HEARTBEAT_SILENCE)
    return RestoreAtWork(
        row=row,
        seconds=int((present - began).total_seconds()) if began <= present else None,
        silent=row.last_beat is not None and present - row.last_beat > silence,
    )
