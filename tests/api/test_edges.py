"""What no client should send: refused in the API's own words, and kept by no cache."""

import base64
import random
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from django.test import Client

from infrastructure.event_store.codec import new_event
from infrastructure.event_store.log import Log
from tests.api.conftest import Reader
from tests.api.rows import NOON, backup, legacy, put, restore
from tests.builders import requested

PROBLEM = "application/problem+json"


def cursor(*document: Any) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(document)).rstrip(b"=").decode()


TIMES = [
    "9999-12-31T23:59:59.999999-14:00",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T20:00:00-05:00",
    "2024-01-01T00:00:00",
    "nonsense",
]


@pytest.mark.parametrize("time", TIMES)
def test_a_forged_time_in_a_cursor_is_refused(viewer: Reader, time: str):
    put(restore(1))
    put(legacy(1))
    for path in ("restores/", "legacy/restores/"):
        for backwards, including in ((0, 0), (1, 0), (0, 1), (1, 1)):
            forged = cursor("-created_at,-id", backwards, including, [time, 1])
            assert viewer.problem(path, 400, cursor=forged)["code"] == "cursor_invalid"


def test_a_time_of_another_zone_in_a_cursor_is_that_moment(viewer: Reader):
    put(restore(1), restore(2))
    moment = "2025-06-01T14:00:01+02:00"
    assert viewer.ids("restores/", cursor=cursor("-created_at,-id", 1, 0, [moment, 1])) == [2]


def test_lists_in_lists_without_end_are_no_cursor(viewer: Reader):
    deep = base64.urlsafe_b64encode(b"[" * 20_000).rstrip(b"=").decode()
    assert viewer.problem("restores/", 400, cursor=deep)["code"] == "cursor_invalid"


VALUES = [
    *(None, True, 0, -1, 2**31, 2**63 - 1, 2**63, -(2**63), -(2**63) - 1, 10**400, 1.5, 1e308),
    *("", "x", "\0", "\ufffd", "💾" * 300, "x" * 3_000, "00000000-0000-0000-0000-000000000001"),
    *TIMES,
    NOON,
    *([], {}, [1], {"a": 1}),
]
LISTS = [
    ("restores/", ("-created_at", "status", "name", "restore_id", "duration_seconds")),
    ("legacy/restores/", ("-created_at", "created_by", "-duration_seconds", "started_at")),
    ("backups/", ("-created_at", "size_bytes", "name", "backup_id")),
    ("audit/events/", ("position", "-position")),
]
COLUMN = {"created_by": "created_by_id"}


@pytest.mark.parametrize(("path", "orderings"), LISTS)
def test_any_cursor_is_a_page_or_a_400(auditor: Reader, path: str, orderings: tuple[str, ...]):
    put(restore(1), restore(2, started_at=NOON))
    put(legacy(1))
    put(backup(1), backup(2, name=None))
    Log().append([new_event(requested(1)), new_event(requested(2))])
    chance = random.Random(path)
    for _ in range(120):
        ordering = chance.choice(orderings)
        down = "-" if ordering.startswith("-") else ""
        names = [down + COLUMN.get(ordering.lstrip("-"), ordering.lstrip("-"))]
        names += [] if "position" in ordering else [f"{down}id"]
        values = [chance.choice(VALUES) for _ in names]
        forged = cursor(",".join(names), chance.choice([0, 1, 7]), chance.choice([0, 1]), values)
        if chance.random() < 0.2:
            spot = chance.randrange(len(forged))
            forged = forged[:spot] + chance.choice("A-_=%é\0") + forged[spot + 1 :]
        answer = auditor.client.get(f"/api/v1/{path}", {"ordering": ordering, "cursor": forged})
        assert answer.status_code in (200, 400), (forged, answer.content)
        if answer.status_code == 400:
            assert answer.json()["code"] == "cursor_invalid", answer.content


@pytest.mark.parametrize("text", ["log:1:zzzzzzzz", "log:99999999999999999999:00000000", "log:",
                                  "log:-1:00000000", "log:01:00000000", "",
                                  "log:١:00000000"])  # fmt: skip
def test_any_cursor_of_a_follower_is_a_page_or_refused(auditor: Reader, text: str):
    assert auditor.problem("audit/events/", 400, after=text)["code"] == "cursor_invalid"


NOT_TEXT = ["restores/?name=%FF", "restores/?name=a%C3", "restores/?%FF=1", "restores/%FF/",
            "audit/events/?actor=%ED%A0%80", "legacy/restores/?extra.a=%FE",
            "nowhere/%C3%28/"]  # fmt: skip


@pytest.mark.parametrize("path", NOT_TEXT)
def test_bytes_that_are_no_text_are_refused(auditor: Reader, path: str):
    assert auditor.problem(path, 400)["code"] == "not_utf8"


def test_the_replacement_character_itself_may_be_asked_for(viewer: Reader):
    put(restore(1, name="a\ufffd"), restore(2))
    assert viewer.ids("restores/", name="a\ufffd") == [1]
    assert viewer.ids("restores/?name=100%25%EF%BF%BD") == []


def test_a_page_and_a_form_take_no_such_bytes_either(database: str):
    assert Client().get("/login/?next=%FF").status_code == 400
    form = "application/x-www-form-urlencoded"
    assert Client().post("/login/", b"username=%FF", content_type=form).status_code == 400


def post(reader: Reader, body: bytes, **more: Any) -> Any:
    path = "/api/v1/consolidation/roll_back/"
    # Not `post`, which would encode the body as the charset says.
    return reader.client.generic("POST", path, body, **{"content_type": "application/json", **more})


def test_a_body_beyond_the_limit_is_a_problem(reader_of: Callable[..., Reader]):
    migrator = reader_of("migrator")
    for path in ("consolidation/roll_back/", "restores/", "nowhere/"):
        answer = migrator.client.post(
            f"/api/v1/{path}", b" " * 3_000_000, content_type="application/json"
        )
        assert (answer.status_code, answer["Content-Type"]) == (413, PROBLEM)
        assert answer.json()["code"] == "body_too_large"
    assert Client().post("/healthz", b" " * 3_000_000, content_type="x/y").status_code == 413


@pytest.mark.parametrize("name", ["evil.example", "a b", "x" * 300, "localhost:99999x", ""])
def test_another_host_is_a_problem(viewer: Reader, name: str):
    answer = viewer.client.get("/api/v1/restores/", headers={"Host": name})
    assert (answer.status_code, answer["Content-Type"]) == (400, PROBLEM)
    assert answer.json()["code"] == "host_unknown"


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("text/xml", 415),
        ("application/json; charset=utf-16", 415),
        ("application/json; charset=hex", 415),
        ("application/json; charset=nonsense", 415),
        ('application/json; charset="', 415),
        ("multipart/form-data", 415),
        ("multipart/form-data; boundary=\xff", 415),
        ("application/x-www-form-urlencoded", 415),
        ("/", 415),
        ("json", 415),
        ("application/json; charset=UTF8", 400),
    ],
)
def test_bad_content_types_are_problems(
    reader_of: Callable[..., Reader], content_type: str, status: int
):
    answer = post(reader_of("migrator"), b"{", content_type=content_type)
    assert (answer.status_code, answer["Content-Type"]) == (status, PROBLEM)


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Token"},
        {"Authorization": "Token a b"},
        {"Authorization": "Token \xff"},
        {"Authorization": "Basic !!!"},
        {"Accept": "nonsense"},
        {"Accept": ";;;,/"},
        {"If-None-Match": '"'},
        {"Range": "bytes=0-"},
        {"Cookie": "sessionid=\xff; \x01=;;"},
        {"Content-Length": "many"},
        {"X-HTTP-Method-Override": "BREW"},
        {"Accept-Language": "\xff"},
    ],
)
def test_odd_headers_are_no_fault_of_the_service(viewer: Reader, headers: dict[str, str]):
    put(restore(1))
    for client in (viewer.client, Client()):
        answer = client.get("/api/v1/restores/1/", headers=headers)
        assert answer.status_code < 500
        assert answer.status_code == 200 or answer["Content-Type"] == PROBLEM


def test_a_session_without_its_csrf_token_is_a_problem(reader_of: Callable[..., Reader]):
    from django.contrib.auth.models import User

    reader_of("migrator")
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.get())
    for content_type in ("application/json", "multipart/form-data"):
        answer = client.post("/api/v1/consolidation/roll_back/", b"{}", content_type=content_type)
        assert answer.status_code in (400, 403)
        assert answer["Content-Type"] == PROBLEM


def test_nobody_keeps_an_answer_of_the_api(auditor: Reader):
    put(restore(1))
    put(legacy(1))
    Log().append([new_event(requested(1))])
    for path, status in [
        *(("", 200), ("restores/", 200), ("restores/1/", 200), ("legacy/restores/", 200)),
        *(("audit/events/", 200), ("schema/", 200), ("nowhere/", 404), ("restores/9/", 404)),
        *(("restores/?id=x", 400), ("restores/?name=%FF", 400), ("restores/?format=api", 200)),
        *(("restores", 301), ("consolidation/cut_over/", 403)),
    ]:
        answer = auditor.get(path, expect=status)
        assert answer["Cache-Control"] == "no-store", path
    assert Client().get("/api/v1/audit/events/")["Cache-Control"] == "no-store"
    etag = auditor.get("restores/1/")["ETag"]
    again = auditor.get("restores/1/", expect=304, headers={"If-None-Match": etag})
    assert again["Cache-Control"] == "no-store"
