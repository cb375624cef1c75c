"""Failed logins are limited and recorded: by password at both pages, and by token."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.db import connections
from django.db.models import F
from django.test import Client, RequestFactory
from django.utils import timezone

from api import accounts
from api.access import failed_logins, readings
from api.access.addresses import request_address
from api.access.failed_logins import period
from api.access.reporting import MOST_EVENTS, report_due
from api.models import FailedLogin, TrailReading
from domain.administration.events import LoginFailed, TrailRead
from infrastructure.event_store.log import Log
from infrastructure.settings.access import _proxies
from projections.history.administration_words import administration_in_words
from tests.api.conftest import Reader
from tests.support import here, raw

RIGHT = "correct horse battery"
HERE, ELSEWHERE = "192.0.2.1", "198.51.100.7"
PASSWORD_TYPED_AS_NAME = "hunter2-in-the-wrong-field"


@pytest.fixture(autouse=True)
def quick(settings: Callable[[str, Any], None]) -> None:
    """Passwords that are quick to check, and a process that has written nothing yet."""
    settings("PASSWORD_HASHERS", ["django.contrib.auth.hashers.MD5PasswordHasher"])
    for remembered in (failed_logins._written, readings._written):
        remembered.clear()
    failed_logins._refusals.clear()


@pytest.fixture
def ada(database: str) -> User:
    return accounts.create("ada", roles=["auditor"], password=RIGHT)


def log_in(
    password: str = "wrong", address: str = HERE, name: str = "ada", page: str = "/login/"
) -> Any:
    form = {"username": name, "password": password}
    return Client(REMOTE_ADDR=address).post(page, form)


def statuses(times: int, **attempt: str) -> Counter[int]:
    return Counter(log_in(**attempt).status_code for _ in range(times))


def events_of(event_class: type) -> list[Any]:
    report_due()
    return [one for chunk in Log().events() for one in chunk if isinstance(one, event_class)]


def later(by: timedelta) -> None:
    """As if all that was counted had happened so much earlier."""
    FailedLogin.objects.update(
        **{name: F(name) - by for name in ("began_at", "last_at", "locked_until", "due_at")}
    )
    FailedLogin.objects.update(reported_at=F("reported_at") - by)


def test_wrong_passwords_lock_the_account_at_that_address_for_a_while(ada: User):
    assert statuses(24) == {200: 5, 429: 19}
    refused = log_in(RIGHT)
    assert (refused.status_code, refused["Retry-After"]) == (429, "900")
    assert "Try again in 15 min" in refused.content.decode()
    assert log_in(RIGHT, ELSEWHERE).status_code == 302
    later(period())
    assert log_in(RIGHT).status_code == 302


def test_one_event_tells_of_them_with_their_number(ada: User):
    statuses(24)
    (event,) = events_of(LoginFailed)
    assert (event.account, event.account_id, event.address) == ("ada", ada.pk, HERE)
    assert (event.means, event.failures, event.refused) == ("password", 5, 0)
    assert str(administration_in_words(event)).startswith(
        f"5 failed logins of ada by password from {HERE}, locked until 20"
    )
    later(period())
    refused = events_of(LoginFailed)[1]
    assert (refused.failures, refused.refused >= 1) == (0, True)
    assert len(events_of(LoginFailed)) == 2


def test_a_few_are_told_of_when_their_period_is_over_or_somebody_logs_in(ada: User):
    statuses(2)
    assert events_of(LoginFailed) == []
    later(period())
    assert [one.failures for one in events_of(LoginFailed)] == [2]
    log_in()
    log_in(RIGHT)
    assert [one.failures for one in events_of(LoginFailed)] == [2, 1]
    assert statuses(4) == {200: 4}  # they are counted anew after a login


def test_guesses_at_once_are_not_more_than_one_after_the_other(ada: User):
    def guess(_: int) -> int:
        try:
            return int(log_in().status_code)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        assert Counter(pool.map(guess, range(16))) == {200: 5, 429: 11}


def test_the_admin_counts_them_too(ada: User):
    root = accounts.create("root", superuser=True, password=RIGHT)
    page = "/admin/login/?next=/admin/"
    for _ in range(5):
        assert "Please enter the correct" in log_in(name="root", page=page).content.decode()
    locked = log_in(RIGHT, name="root", page=page)
    assert (locked.status_code, "Try again in 15 min" in locked.content.decode()) == (200, True)
    assert [one.account_id for one in events_of(LoginFailed)] == [root.pk]


def test_a_name_that_is_no_account_is_kept_only_as_a_keyed_hash(database: str, vendor: str):
    assert statuses(7, name=PASSWORD_TYPED_AS_NAME) == {200: 5, 429: 2}
    (event,) = events_of(LoginFailed)
    assert (event.account, len(event.name_digest)) == (None, 32)
    assert "of a name that is no account" in str(administration_in_words(event))
    stored = raw.rows(database, "SELECT who, account FROM api_failed_login")
    stored += raw.rows(database, "SELECT state, metadata FROM event_store_event")
    assert PASSWORD_TYPED_AS_NAME not in repr([tuple(map(bytes_or_text, row)) for row in stored])


def bytes_or_text(value: Any) -> str:
    return value if isinstance(value, str) else bytes(value).decode()


def test_an_attacker_cannot_flood_the_log(ada: User, settings: Callable[[str, Any], None]):
    settings("LOGIN_FAILURES", 1)
    for number in range(MOST_EVENTS + 20):
        log_in(address=f"203.0.113.{number}", name=f"name {number}")
    assert len(events_of(LoginFailed)) == MOST_EVENTS
    later(period())
    told = events_of(LoginFailed)
    assert (len(told), sum(one.failures for one in told)) == (MOST_EVENTS + 1, MOST_EVENTS + 20)
    assert administration_in_words(told[-1]) == "20 failed logins of others by password"


def test_nobody_is_locked_out_from_afar(ada: User, settings: Callable[[str, Any], None]):
    settings("LOGIN_FAILURES", 1)
    assert log_in(RIGHT).status_code == 302
    for number in range(20):
        log_in(address=f"203.0.113.{number}")
    assert log_in(RIGHT, ELSEWHERE).status_code == 429  # all addresses together
    assert log_in(RIGHT).status_code == 302  # not where ada logs in


def test_an_address_is_limited_and_an_account_unlocked(
    ada: User, settings: Callable[[str, Any], None]
):
    settings("LOGIN_FAILURES", 1)
    for number in range(4):
        log_in(name=f"name {number}")
    assert log_in(name="another").status_code == 429
    assert log_in(RIGHT).status_code == 429
    assert "may try to log in again at once" in here.run("accounts", "unlock", "ada").out
    assert log_in(RIGHT).status_code == 302
    assert log_in().status_code == 200
    assert log_in(RIGHT).status_code == 429
    (account,) = here.run("accounts", "list", "--json").json["accounts"]
    assert account["locked_until"]
    here.run("accounts", "unlock", "ada")
    assert log_in(RIGHT).status_code == 302


def test_wrong_tokens_are_limited_and_right_ones_work(ada: User):
    right = accounts.new_token(ada)

    def ask(token: str, address: str = HERE) -> Any:
        headers = {"Authorization": f"Token {token}"}
        return Client(REMOTE_ADDR=address, headers=headers).get("/api/v1/restores/")

    assert Counter(ask("wrong").status_code for _ in range(24)) == {401: 20, 429: 4}
    refused = ask("wrong")
    assert refused.json()["code"] == "too_many_failures"
    assert int(refused["Retry-After"]) > 800
    assert ask("wrong", ELSEWHERE).status_code == 401
    assert ask(right).status_code == 200
    (event,) = events_of(LoginFailed)
    assert (event.account, event.name_digest, event.means) == (None, None, "token")
    assert (event.failures, event.address) == (20, HERE)
    accounts.set_active(ada, False)
    assert ask(right).status_code == 401
    later(period())
    assert "ada" in {one.account for one in events_of(LoginFailed)}


def test_what_the_log_does_not_take_stays_due(ada: User, monkeypatch: pytest.MonkeyPatch):
    with monkeypatch.context() as patched:
        patched.setattr("time.time_ns", lambda: 4_102_444_800_000_000_000)
        assert statuses(6) == {200: 5, 429: 1}
        assert events_of(LoginFailed) == []
    assert [one.failures for one in events_of(LoginFailed)] == [5]


@pytest.mark.parametrize(
    ("proxies", "peer", "forwarded", "address"),
    [
        ("", "192.0.2.1", "198.51.100.7", "192.0.2.1"),
        ("192.0.2.1", "192.0.2.1", "198.51.100.7", "198.51.100.7"),
        ("192.0.2.0/24", "192.0.2.1", "1.2.3.4, 198.51.100.7, 192.0.2.9", "198.51.100.7"),
        ("192.0.2.1", "203.0.113.1", "198.51.100.7", "203.0.113.1"),
        ("192.0.2.1", "192.0.2.1", "", "192.0.2.1"),
        ("::1", "::1", "[2001:db8:1:2:3:4:5:6]:443", "2001:db8:1:2::/64"),
        ("", "::ffff:192.0.2.1", "", "192.0.2.1"),
        ("192.0.2.1", "192.0.2.1", "nonsense" * 20, ("nonsense" * 20)[:64]),
    ],
)
def test_only_a_trusted_proxy_says_whose_request_it_is(
    settings: Callable[[str, Any], None], proxies: str, peer: str, forwarded: str, address: str
):
    settings("TRUSTED_PROXIES", _proxies(proxies))
    request = RequestFactory(REMOTE_ADDR=peer).get("/", HTTP_X_FORWARDED_FOR=forwarded)
    assert request_address(request) == address


def test_a_session_ends_when_it_is_idle(ada: User, settings: Callable[[str, Any], None]):
    settings("SESSION_IDLE_SECONDS", 600)
    client = Client()
    client.post("/login/", {"username": "ada", "password": RIGHT})
    ends = partial(lambda: Session.objects.get().expire_date - timezone.now())
    assert ends() <= timedelta(seconds=600)
    Session.objects.update(expire_date=timezone.now() + timedelta(seconds=5))
    assert client.get("/").status_code == 200
    assert ends() > timedelta(seconds=500)
    Session.objects.update(expire_date=timezone.now())
    assert client.get("/").status_code == 302


def test_who_reads_the_whole_log_is_recorded_once(ada: User):
    # The reader of another test's database has the same key.
    readings._written.clear()
    readings._requests.clear()
    reader = Reader(Client(headers={"Authorization": f"Token {accounts.new_token(ada)}"}))
    reader.get("audit/events/", stream="00000000-0000-0000-0000-000000000000")
    assert not TrailReading.objects.exists()
    for _ in range(3):
        reader.get("audit/events/")
        readings._written.clear()
    assert events_of(TrailRead) == []
    TrailReading.objects.update(last_at=F("last_at") - timedelta(minutes=15))
    (event,) = events_of(TrailRead)
    assert (event.account, event.what, event.requests) == ("ada", "audit/events/", 3)
    assert "read audit/events/ in 3 requests" in here.run("audit").out
    assert not TrailReading.objects.exists()
