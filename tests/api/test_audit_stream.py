"""The log as it grows, by server-sent events, from a server as in production."""

import json
import random
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections

from api import accounts
from api.access.tokens import revoke_tokens
from domain.events import Metadata
from infrastructure.event_store.codec import new_event
from infrastructure.event_store.log import Log
from tests.builders import requested, started, stream
from tests.support import forging, raw
from tests.support.event_stream import ask, following
from tests.support.serving import processes, serving

WRITERS, EACH = 16, 10
OPEN = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND "
    "pid <> pg_backend_pid()"
)

LOSE = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND "
    "pid <> pg_backend_pid()"
)


@pytest.fixture
def token(database: str) -> str:
    return str(accounts.new_token(accounts.create("ada", roles=["auditor"])))


@pytest.fixture
def served(database: str, token: str) -> Iterator[str]:
    with serving(database, env={"STREAMS": "4"}) as address:
        yield address


def page(address: str, token: str, query: str = "") -> Any:
    url = f"{address}/api/v1/audit/events/?page_size=1000&{query}"
    request = urllib.request.Request(url, headers={"Authorization": f"Token {token}"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


def record(*events: Any) -> int:
    """Append these; the position of the last."""
    position = Log().append([new_event(event) for event in events]).position
    connections.close_all()
    return int(position)


def write(number: int) -> None:
    """A writer: one event after the other, in a stream of its own."""
    for version in range(1, EACH + 1):
        record(started(number, version=version))


def test_a_follower_that_comes_and_goes_sees_every_event_once_and_in_order(served: str, token: str):
    start = page(served, token)["cursor"]
    chance, seen, last = random.Random(7), [], ""
    with ThreadPoolExecutor(WRITERS) as writers:
        written = [writers.submit(write, number) for number in range(WRITERS)]
        while len(seen) < WRITERS * EACH:
            headers = {"Last-Event-ID": last} if last else {}
            with following(served, token, headers, after=start) as stream:
                count = min(chance.randrange(1, 30), WRITERS * EACH - len(seen))
                seen += stream.events(count)
                last = stream.last_id
        for one in written:
            one.result()
    assert seen == page(served, token, f"after={start}")["results"]
    assert len(seen) == WRITERS * EACH


def test_followers_get_what_they_asked_for_and_are_told_why_it_ends(
    served: str, database: str, vendor: str, token: str
):
    bob = accounts.create("bob", roles=["auditor"])
    key = accounts.new_token(bob)
    eve = Metadata(actor="eve", on_behalf_of="ada")
    begin = record(requested(1), requested(2, metadata=eve))
    with (
        following(served, token, person="ada", proof="stored") as of_ada,
        following(served, key, stream=str(stream(1)), after="log:0:00000000") as of_one,
        following(served, token) as of_all,
    ):
        last = record(started(1), started(2, metadata=eve))
        assert [one["position"] for one in of_one.events(2)] == [begin - 1, begin + 1]
        (mine,) = of_ada.events(1)
        assert (mine["position"], mine["actor"]) == (last, "eve")
        assert json.loads(mine["proof"]["state"])["started_at"] == mine["state"]["started_at"]
        assert [one["position"] for one in of_all.events(2)] == [last - 1, last]
        # Opening was noted, and is told when the reading is over.
        assert raw.rows(database, "SELECT account, requests FROM api_trail_reading") == [("ada", 1)]
        if vendor == "postgresql":
            # The reader's, the thread's that keeps the head file, and one that is left in the pool.
            assert raw.value(database, OPEN) <= 3
            # The reader's connection is lost, as when the server restarts; it goes on with another.
            raw.rows(database, LOSE)
            last = record(started(3))
            assert [one["position"] for one in of_all.events(1)] == [last]

        with following(served, token, position_max=str(last)) as bounded:
            connection, refused = ask(served, token)
            assert (refused.status, refused.headers["Retry-After"]) == (503, "10")
            assert json.load(refused)["code"] == "too_many_streams"
            connection.close()
            assert bounded.end()["code"] == "complete"
        assert page(served, token)["results"]
        connection, refused = ask(served, token, changes="true")
        assert (refused.status, json.load(refused)["code"]) == (400, "changes_invalid")
        connection.close()

        revoke_tokens(bob)
        assert of_one.end()["code"] == "access_ended"
        connections.close_all()
        forging.cut(database, begin)
        assert of_all.end()["code"] == "log_changed"
        assert of_ada.end()["code"] == "log_changed"
        connection, refused = ask(served, token, {"Last-Event-ID": of_all.last_id})
        assert (refused.status, json.load(refused)["code"]) == (409, "cursor_does_not_fit")
        connection.close()


def test_a_server_that_stops_tells_its_followers(database: str, token: str):
    with processes(database) as server, following(server.address, token) as stream:
        record(requested(1))
        assert stream.events(1)[0]["topic"] == "restore.Requested"
        server.process.terminate()
        assert stream.end()["code"] == "server_stopping"
