"""Who reads the whole log: noted beside the request, and recorded when the reading is over."""

import logging
from functools import partial

from django.contrib.auth.models import User
from django.db.models import F
from django.utils import timezone

from api.access.hasty import Recently, write_if_free
from api.models import TrailReading

TRAIL = "audit/events/"

_requests: dict[tuple[int, str], int] = {}
_written = Recently(60.0)
_warned = Recently(60.0)
logger = logging.getLogger(__name__)


def note_reading(user: User, what: str = TRAIL) -> None:
    """Note that the account reads the whole trail, or takes an export named `what`.

    It becomes one event, with the number of requests, when nothing more was read for a quarter of
    an hour. Written at most once a minute. On a replica, whose database takes no writes, only the
    server's own log says it.
    """
    key = (user.pk, what)
    _requests[key] = _requests.get(key, 0) + 1
    if not _written.is_due(key):
        return
    if write_if_free(partial(_write, user, what)):
        _requests.pop(key, None)
        return
    _written.forget(key)
    if _warned.is_due(key):
        logger.warning(
            "%s reads %s; the database takes no note of it now", user.get_username(), what
        )


def _write(user: User, what: str) -> None:
    now, requests = timezone.now(), _requests.get((user.pk, what), 0)
    same = TrailReading.objects.filter(account_id=user.pk, what=what)
    if not same.update(requests=F("requests") + requests, last_at=now):
        TrailReading.objects.create(
            account_id=user.pk,
            account=user.get_username(),
            what=what,
            opened_at=now,
            last_at=now,
            requests=requests,
        )
