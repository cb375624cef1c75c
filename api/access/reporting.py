"""Failed logins and readings become events when their period is over, or at a lock-out.

An attacker must not be able to fill the log, which is never shortened. So there is one event for
each account and address in a period, at most `MOST_EVENTS` in all, and one more for all others
together.
"""

import logging
from datetime import datetime, timedelta

from django.db import Error as DatabaseError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from api.access.failed_logins import ANYWHERE, KNOWN_FOR, OTHERS, TOKEN, period
from api.access.hasty import Recently
from api.models import FailedLogin, TrailReading
from api.remedies import at_terminal
from domain.administration.events import LoginFailed, TrailRead
from domain.errors import RestoreLogError
from infrastructure.databases.own_database import refuses_writes
from infrastructure.databases.redaction import in_one_line
from infrastructure.event_store.log import Log
from infrastructure.recording.accounts import record_about_account, record_occurrence
from projections.services.appending import bring_up_to_date

MOST_EVENTS = 30
AT_A_TIME = 200
IDLE = timedelta(minutes=15)
"""A reading is over when nothing more was read for so long, and is reported then."""
LONGEST_READING = timedelta(hours=1)
SERVICE = "service"
"""The actor of what nobody in particular did."""

_swept = Recently(3600.0)
logger = logging.getLogger(__name__)


def report_due() -> None:
    """Record what is due. If the log does not take it, it stays due, and the server's log says so.

    On a read-only database nothing is recorded.
    """
    now = timezone.now()
    if not (_due_logins(now).exists() or _due_readings(now).exists()):
        return
    try:
        with transaction.atomic():
            _report_logins(now)
            _report_readings(now)
            transaction.on_commit(bring_up_to_date)
    except RestoreLogError as error:
        told = in_one_line(error.message.said(at_terminal))
        logger.error("Failed logins and readings could not be recorded: %s", told)
    except DatabaseError as error:
        if not refuses_writes(error):
            raise


def _due_logins(now: datetime) -> QuerySet[FailedLogin]:
    return FailedLogin.objects.filter(due_at__lte=now)


def _due_readings(now: datetime) -> QuerySet[TrailReading]:
    return TrailReading.objects.filter(
        Q(last_at__lte=now - IDLE) | Q(opened_at__lte=now - LONGEST_READING)
    )


def _report_logins(now: datetime) -> None:
    due = list(_due_logins(now).select_for_update().order_by("due_at", "pk")[:AT_A_TIME])
    reported = FailedLogin.objects.filter(reported_at__gt=now - period()).count()
    for row in due:
        if row.who == OTHERS or reported < MOST_EVENTS:
            _report_login(row)
            row.reported_at = now
            reported += 1
        else:
            _add_to_others(row, now)
        row.failures, row.refused, row.due_at = 0, 0, None
        row.save()
    if _swept.is_due("rows"):
        _forget_old(now)


def _report_login(row: FailedLogin) -> None:
    if not (row.failures or row.refused):
        return
    is_name = row.who.startswith("name ")
    record_occurrence(
        Log(),
        LoginFailed,
        f"login {row.pk} {row.began_at.isoformat()} {row.last_at.isoformat()} {row.refused}",
        actor=SERVICE,
        account=row.account or None,
        account_id=row.account_id,
        name_digest=row.who.removeprefix("name ") if is_name else None,
        address=row.address or None,
        means="token" if row.who.startswith(TOKEN) else "password",
        failures=row.failures,
        refused=row.refused,
        first_at=row.began_at,
        last_at=row.last_at,
        locked_until=row.locked_until,
    )


def _add_to_others(row: FailedLogin, now: datetime) -> None:
    others, _ = FailedLogin.objects.select_for_update().get_or_create(
        who=OTHERS, address=ANYWHERE, defaults={"began_at": row.began_at, "last_at": row.last_at}
    )
    if not (others.failures or others.refused):
        others.began_at = row.began_at
    others.failures += row.failures
    others.refused += row.refused
    others.began_at = min(others.began_at, row.began_at)
    others.last_at = max(others.last_at, row.last_at)
    others.due_at = others.due_at or now + period()
    others.save()


def _forget_old(now: datetime) -> None:
    """Delete rows that limit nothing any more and have been reported."""
    FailedLogin.objects.filter(due_at=None, last_at__lt=now - period()).filter(
        Q(locked_until=None) | Q(locked_until__lt=now),
        Q(reported_at=None) | Q(reported_at__lt=now - period()),
        Q(logged_in_at=None) | Q(logged_in_at__lt=now - KNOWN_FOR),
    ).delete()


def _report_readings(now: datetime) -> None:
    for reading in _due_readings(now).select_for_update().order_by("pk")[:AT_A_TIME]:
        record_about_account(
            Log(),
            TrailRead,
            account_id=reading.account_id,
            actor=reading.account,
            account=reading.account,
            what=reading.what,
            opened_at=reading.opened_at,
            last_at=reading.last_at,
            requests=reading.requests,
        )
        reading.delete()
