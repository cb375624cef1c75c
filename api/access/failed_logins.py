"""Failed logins: how many an account and an address may have before both must wait.

An attempt is counted as failed before the password is checked, and taken back if it was right. So
two dozen guesses at once are not more than two dozen one after the other.

Three limits hold for a period (`LOGIN_PERIOD`): of an account from one address, of an address, and
of an account from all addresses. The last two do not hold where the account logged in within a
month, so that nobody can be locked out from afar. `unlock` lifts all three.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from api.access.hasty import Recently, write_if_free
from api.models import FailedLogin

OF_AN_ADDRESS = 4
OF_AN_ACCOUNT = 20
"""The limits of an address and of an account, as multiples of `LOGIN_FAILURES`."""
WRONG_TOKENS = 4
"""The same for wrong tokens from one address."""
KNOWN_FOR = timedelta(days=30)
"""How long an address counts as one where the account logs in."""
MOST_ROWS = 10_000
"""More names that are no account, and addresses, are counted together."""
ANYWHERE = ""
TOKEN = "token"
OTHERS = "others"
EPOCH = datetime.fromtimestamp(0, UTC)

_refusals: dict[tuple[str, str], int] = {}
_written = Recently(1.0)


@dataclass(frozen=True)
class Attempt:
    """An attempt that is counted as failed so far; `row` is None if it is not counted by itself."""

    row: int | None
    locked_until: datetime | None = None


def period() -> timedelta:
    return timedelta(seconds=settings.LOGIN_PERIOD)


def name_digest(name: str) -> str:
    """What is kept of a name that is no account: people type passwords there."""
    return salted_hmac("restorelog.failed-login", name, algorithm="sha256").hexdigest()[:32]


def begin_attempt(name: str, address: str) -> Attempt:
    """Count an attempt to log in. If `locked_until` is set, the password must not be checked."""
    user = User.objects.filter(username=name).values_list("pk", "username").first()
    who = f"account {user[0]}" if user else f"name {name_digest(name)}"
    now = timezone.now()
    with transaction.atomic():
        until = _locked_until(who, address, now, is_account=user is not None)
        if until is not None:
            _count_refusal(who, address, until)
            return Attempt(None, until)
        row = _row(who, address, now, user)
        if row is None:
            return Attempt(None)
        if row.locked_until is not None and row.locked_until > now:
            # Another request came first.
            _count_refusal(who, address, row.locked_until)
            return Attempt(None, row.locked_until)
        _count(row, now, settings.LOGIN_FAILURES)
    return Attempt(row.pk)


def attempt_succeeded(attempt: Attempt) -> None:
    """Take the attempt back: the password was right. Earlier failures are reported soon."""
    if attempt.row is None:
        return
    now = timezone.now()
    with transaction.atomic():
        row = FailedLogin.objects.select_for_update().filter(pk=attempt.row).first()
        if row is None:
            return
        row.failures = max(row.failures - 1, 0)
        row.tries, row.locked_until, row.logged_in_at = 0, None, now
        row.due_at = now if row.failures or row.refused else None
        row.save()


def wrong_token(address: str, user: User | None) -> datetime | None:
    """Count a wrong token, or one of this account that does not work any more.

    Returns until when wrong tokens from this address are only refused. A right one is always
    accepted: it cannot be guessed. Neither a busy nor a read-only database makes this fail.
    """
    who, now = (TOKEN if user is None else f"{TOKEN} {user.pk}"), timezone.now()
    row = FailedLogin.objects.filter(who=who, address=address).first()
    if row is not None and row.locked_until is not None and row.locked_until > now:
        _count_refusal(who, address, row.locked_until)
        return row.locked_until
    about = (user.pk, user.get_username()) if user is not None else None
    write_if_free(partial(_count_token, who, address, now, about))
    return None


def unlock(user: User) -> None:
    """Let the account try again at once; for one period also where an address is locked."""
    who, now = f"account {user.pk}", timezone.now()
    FailedLogin.objects.filter(who=who).update(tries=0, locked_until=None)
    FailedLogin.objects.update_or_create(
        who=who,
        address=ANYWHERE,
        defaults={
            "account_id": user.pk,
            "account": user.get_username(),
            "logged_in_at": now,
            "began_at": now,
            "last_at": now,
        },
    )


def locked_accounts() -> dict[int, datetime]:
    """Until when accounts are locked, by id; from at least one address."""
    found: dict[int, datetime] = {}
    locked = FailedLogin.objects.filter(locked_until__gt=timezone.now())
    for row in locked.exclude(who__startswith=TOKEN):
        if row.account_id is not None and row.locked_until is not None:
            found[row.account_id] = max(row.locked_until, found.get(row.account_id, EPOCH))
    return found


def _locked_until(who: str, address: str, now: datetime, *, is_account: bool) -> datetime | None:
    mine = {row.address: row for row in FailedLogin.objects.filter(
        who=who, address__in=(address, ANYWHERE))}  # fmt: skip
    here, anywhere = mine.get(address), mine.get(ANYWHERE)
    if here is not None and here.locked_until is not None and here.locked_until > now:
        return here.locked_until
    if _is_recent(here, now, KNOWN_FOR) or _is_recent(anywhere, now, period()):
        return None
    limits = [(FailedLogin.objects.filter(address=address), OF_AN_ADDRESS)] if address else []
    if is_account:
        limits.append((FailedLogin.objects.filter(who=who), OF_AN_ACCOUNT))
    for rows, times in limits:
        fresh = rows.exclude(who__startswith=TOKEN).filter(last_at__gt=now - period(), tries__gt=0)
        counted = fresh.order_by("last_at").values_list("tries", "last_at")
        if sum(tries for tries, _ in counted) >= settings.LOGIN_FAILURES * times:
            return max(last for _, last in counted) + period()
    return None


def _is_recent(row: FailedLogin | None, now: datetime, span: timedelta) -> bool:
    return row is not None and row.logged_in_at is not None and row.logged_in_at > now - span


def _row(
    who: str, address: str, now: datetime, account: tuple[int, str] | None
) -> FailedLogin | None:
    """The row, locked; a new one if there is none. None if there are too many already."""
    rows = FailedLogin.objects.select_for_update()
    row = rows.filter(who=who, address=address).first()
    if row is None and account is None and FailedLogin.objects.count() >= MOST_ROWS:
        who, address = OTHERS, ANYWHERE
    if row is None:
        id, name = account or (None, "")
        row, _ = rows.get_or_create(
            who=who,
            address=address,
            defaults={"account_id": id, "account": name, "began_at": now, "last_at": now},
        )
    if row.who == OTHERS:
        row.failures += 1
        _save(row, now)
        return None
    return row


def _count(row: FailedLogin, now: datetime, limit: int) -> None:
    if row.last_at <= now - period() or row.locked_until is not None:
        row.tries, row.locked_until = 0, None
    row.tries += 1
    row.failures += 1
    if row.tries >= limit:
        row.locked_until = now + period()
        row.due_at = now
    _save(row, now)


def _save(row: FailedLogin, now: datetime) -> None:
    if row.failures == 1 and not row.refused:
        row.began_at = now
    row.last_at = now
    row.due_at = row.due_at or now + period()
    row.save()


def _count_token(who: str, address: str, now: datetime, account: tuple[int, str] | None) -> None:
    row = _row(who, address, now, account)
    if row is not None:
        _count(row, now, settings.LOGIN_FAILURES * WRONG_TOKENS)


def _count_refusal(who: str, address: str, until: datetime) -> None:
    """Count an attempt that was not checked. Written at most once a second: a flood is cheap."""
    key = (who, address)
    _refusals[key] = _refusals.get(key, 0) + 1
    if len(_refusals) > MOST_ROWS:
        _refusals.clear()
    elif _written.is_due(key):
        write_if_free(partial(_write_refusals, key, until))


def _write_refusals(key: tuple[str, str], until: datetime) -> None:
    who, address = key
    row: Any = FailedLogin.objects.select_for_update().filter(who=who, address=address).first()
    if row is None:
        # Its address or its account is locked by the attempts of others: count it there.
        rows = FailedLogin.objects.select_for_update().filter(tries__gt=0)
        row = (
            rows.filter(address=address).order_by("-last_at").first()
            or rows.filter(who=who).order_by("-last_at").first()
        )
    if row is None:
        return
    row.refused += _refusals.pop(key, 0)
    row.due_at = row.due_at or until
    row.save(update_fields=["refused", "due_at"])
