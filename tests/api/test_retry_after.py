"""Every answer with 503 says when to ask again, and a person who asked for a page gets a page."""

import asyncio
from typing import Any

import pytest
from django.test import Client

from api import accounts
from api.problems import RETRY_AFTER, RETRY_LATE, STATUS_OF_ERROR
from api.serving.answers import refuse
from domain.errors import RestoreLogError
from infrastructure.event_store.log import Log
from projections.engine.catch_up import catch_up
from tests.api.rows import put, restore
from tests.api.test_list_limits import WIDE
from tests.api.test_read_only import read_only
from tests.api.test_serving import Said, scope
from tests.conftest import use

BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
NOWHERE = "postgres://nobody@127.0.0.1:9/nothing"


def person(role: str = "viewer") -> Client:
    client = Client(headers=BROWSER)
    client.force_login(accounts.create("vic", roles=[role]))
    return client


def seconds(response: Any) -> int:
    """When to ask again."""
    assert response.status_code == 503, response.status_code
    return int(response["Retry-After"])


def test_a_list_that_was_not_read_in_time(database: str, settings: Any):
    put(*(restore(id, extra=WIDE) for id in range(1, 2_001)))
    client, token = person(), accounts.new_token(accounts.create("ada", roles=["viewer"]))
    over_rest = Client(headers={"Authorization": f"Token {token}"})
    settings("LIST_SECONDS", 0.001)
    asked = {"extra.zone": "us", "ordering": "name"}
    assert seconds(over_rest.get("/api/v1/restores/", asked)) == RETRY_LATE
    shown = client.get("/restores/", asked)
    assert seconds(shown) == RETRY_LATE
    assert "was not read within 0.001 seconds" in shown.content.decode()


def test_a_probe_says_it_too(database: str, settings: Any):
    catch_up()
    settings("READY_MAX_LAG_SECONDS", -1.0)
    assert seconds(Client().get("/readyz")) == RETRY_AFTER["projections_not_ready"]


def test_a_page_whose_database_does_not_answer_says_so(database: str):
    client = person()
    use(NOWHERE)
    for address in ("/", "/restores/", "/consolidation/"):
        shown = client.get(address)
        assert seconds(shown) == RETRY_AFTER["database_unavailable"]
        told = shown.content.decode()
        assert "The database does not answer; try again." in told
        assert '<a href="">Load this page again</a>' in told
        assert "default-src 'none'" in shown["Content-Security-Policy"]
    sent = client.post("/integrity/")
    assert "look whether it was recorded" in sent.content.decode()
    assert seconds(client.get("/api/v1/restores/")) == RETRY_AFTER["database_unavailable"]
    assert seconds(Client().get("/readyz")) == RETRY_AFTER["database_unavailable"]


def test_a_login_on_a_replica(database: str, vendor: str):
    accounts.create("vic", roles=["viewer"], password="correct horse battery")
    read_only(database, vendor)
    client = Client(headers=BROWSER)
    given = {"username": "vic", "password": "correct horse battery"}
    assert seconds(client.post("/login/", given)) == RETRY_LATE


def refused(path: str, method: str = "GET", **headers: str) -> tuple[dict[bytes, bytes], str]:
    """The headers and the body of what is answered without Django by a busy service."""

    async def go() -> Said:
        said = Said()
        asked = {**scope(path, **headers), "method": method}
        await refuse(asked, said, 503, "too_busy", "The service is busy.")
        return said

    start, body = asyncio.run(go())
    assert start["status"] == 503
    return dict(start["headers"]), body["body"].decode()


@pytest.mark.parametrize("path", ["/", "/restores/", "/login/"])
def test_a_busy_service_sends_a_person_a_page(path: str):
    headers, told = refused(path, **BROWSER)
    assert headers[b"retry-after"] == b"1"
    assert headers[b"content-type"] == b"text/html; charset=utf-8"
    assert b"default-src 'none'" in headers[b"content-security-policy"]
    assert int(headers[b"content-length"]) == len(told.encode())
    assert "<h1>The service cannot answer now</h1>" in told
    assert "The service is busy." in told
    assert "Load this page again" in told
    assert "look whether it was recorded" in refused(path, "POST", **BROWSER)[1]


@pytest.mark.parametrize(
    ("path", "headers"),
    [("/", {}), ("/", {"accept": "*/*"}), ("/api/v1/restores/", BROWSER), ("/api/v1/", {})],
)
def test_and_everything_else_a_problem(path: str, headers: dict[str, str]):
    headers_sent, told = refused(path, **headers)
    assert headers_sent[b"retry-after"] == b"1"
    assert headers_sent[b"content-type"] == b"application/problem+json"
    assert '"code":"too_busy"' in told


@pytest.mark.parametrize("vendor", ["sqlite"])
def test_whatever_is_in_the_way_of_a_request(database: str, monkeypatch: pytest.MonkeyPatch):
    client = person()

    class Refusal(RestoreLogError):
        pass

    def head(log: Log) -> Any:
        raise Refusal("Not now.")

    monkeypatch.setattr(Log, "head", head)
    codes = [code for code, status in STATUS_OF_ERROR.items() if status == 503]
    assert "rebuild_running" in codes
    for code in codes:
        Refusal.code = code
        expected = RETRY_AFTER.get(code, RETRY_LATE)
        assert seconds(client.get("/api/v1/projections/")) == expected, code
        shown = client.get("/")
        assert seconds(shown) == expected, code
        assert "Not now." in shown.content.decode()
