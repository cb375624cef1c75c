"""What stands before Django: bounded bodies, shared probes, bounded work, a bounded pool."""

import asyncio
import json
import socket
import urllib.error
import urllib.request
from typing import Any

import pytest

from api.serving.probes import SharedProbes
from api.serving.rates import Rates
from api.serving.static_files import StaticFiles
from api.serving.work import BoundedWork, Lanes
from infrastructure.databases.own_settings import as_new
from tests.support import raw, service
from tests.support.flooding import flooding
from tests.support.long_messages import ASKED_BY_ANOTHER, MEMORY, asked
from tests.support.serving import processes, serving

HELD = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"
OPEN = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
ADA, BOB = "account ada", "account bob"


def test_a_lane_has_half_of_the_places_and_the_others_have_theirs():
    async def go() -> list[bool]:
        lanes = Lanes(places=4, waiting=0)
        return [await lanes.enter(lane) for lane in (ADA, ADA, ADA, BOB, BOB, BOB)]

    assert asyncio.run(go()) == [True, True, False, True, True, False]


def test_a_place_that_is_given_back_goes_to_the_lanes_by_turns():
    async def go() -> list[str]:
        lanes, served = Lanes(places=2, waiting=50), []
        assert await lanes.enter(ADA)

        async def one(lane: Any, name: str) -> None:
            assert await lanes.enter(lane, patience=60)
            served.append(name)
            await asyncio.sleep(0)
            lanes.leave(lane)

        async with asyncio.TaskGroup() as group:
            for n in range(4):
                group.create_task(one(ADA, f"ada {n}"))
            await asyncio.sleep(0)
            group.create_task(one(BOB, "bob"))
            await asyncio.sleep(0)
            lanes.leave(ADA)
        assert lanes.at_work == {}
        assert not lanes.waiting
        return served

    assert asyncio.run(go()) == ["bob", "ada 0", "ada 1", "ada 2", "ada 3"]


def test_who_waits_in_vain_is_refused_and_leaves_nothing_behind():
    async def go() -> None:
        lanes = Lanes(places=2, waiting=1)
        assert await lanes.enter(ADA)
        assert not await lanes.enter(ADA, patience=0.01)
        waiting = asyncio.create_task(lanes.enter(ADA, patience=60))
        await asyncio.sleep(0)
        assert not await lanes.enter(ADA, patience=60)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        lanes.leave(ADA)
        assert lanes.at_work == {}
        assert not lanes.waiting

    asyncio.run(go())


def scope(path: str, **headers: str) -> dict[str, Any]:
    return {
        "type": "http",
        "method": "GET",
        "path": path,
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 5),
    }


async def nothing() -> Any:
    await asyncio.Event().wait()


class Said(list[Any]):
    """What an application sent."""

    async def __call__(self, message: Any) -> None:
        self.append(message)


class Slow:
    """An application that answers when it is let."""

    def __init__(self, status: int = 200) -> None:
        self.calls, self.let, self.status = 0, asyncio.Event(), status

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.calls += 1
        await self.let.wait()
        await send({"type": "http.response.start", "status": self.status, "headers": []})
        await send({"type": "http.response.body", "body": b"ready"})


def test_probes_at_once_are_one_question_and_a_second_old_at_most():
    async def go() -> None:
        django, others = Slow(), Slow()
        probes = SharedProbes(others, alone=django)
        said = [Said() for _ in range(100)]
        ready = scope("/readyz", host="localhost")
        first = asyncio.create_task(probes(ready, nothing, said[0]))
        rest = [asyncio.create_task(probes(ready, nothing, one)) for one in said[1:]]
        await asyncio.sleep(0)
        # Whoever asked first may leave.
        first.cancel()
        await asyncio.sleep(0)
        django.let.set()
        await asyncio.gather(*rest)
        assert django.calls == 1
        assert {one[0]["status"] for one in said[1:]} == {200}
        (key,) = probes.kept
        await probes(ready, nothing, Said())
        assert django.calls == 1
        probes.kept[key] = probes.kept[key]._replace(at=probes.kept[key].at - 1.1)
        await probes(ready, nothing, Said())
        assert django.calls == 2

    asyncio.run(go())


def test_a_probe_by_a_name_that_is_not_ours_is_an_ordinary_request():
    async def go() -> None:
        django, others = Slow(), Slow(400)
        others.let.set()
        probes, said = SharedProbes(others, alone=django), Said()
        await probes(scope("/readyz", host="evil.example"), nothing, said)
        assert (django.calls, others.calls, said[0]["status"]) == (0, 1, 400)

    asyncio.run(go())


async def nobody(scope: Any) -> None:
    """Whose it is: a stranger's."""


def test_made_up_credentials_have_no_lane_of_their_own():
    async def go() -> None:
        app = Slow(401)
        work = BoundedWork(app, Lanes(places=4, waiting=0), nobody)
        said = [Said() for _ in range(5)]
        asked = [scope("/api/v1/restores/", authorization=f"Token {n}") for n in range(5)]
        tasks = [
            asyncio.create_task(work(one, nothing, sent))
            for one, sent in zip(asked, said, strict=True)
        ]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        app.let.set()
        await asyncio.gather(*tasks)
        assert [one[0]["status"] for one in said] == [401, 401, 503, 503, 503]
        assert dict(said[2][0]["headers"])[b"retry-after"] == b"1"
        assert json.loads(said[2][1]["body"])["code"] == "too_busy"

    asyncio.run(go())


def test_the_files_of_a_page_are_sent_at_once_while_every_place_is_taken():
    async def go() -> list[int]:
        django = Slow()
        work = BoundedWork(django, Lanes(places=2, waiting=0), nobody)
        files, said = StaticFiles(work, alone=django), [Said() for _ in range(9)]
        asked = ["/", *(f"/static/{n}.css" for n in range(8))]
        tasks = [
            asyncio.create_task(files(scope(path), nothing, sent))
            for path, sent in zip(asked, said, strict=True)
        ]
        while django.calls < 9:
            await asyncio.sleep(0)
        django.let.set()
        await asyncio.gather(*tasks)
        return [one[0]["status"] for one in said]

    assert asyncio.run(go()) == [200] * 9


def test_a_lane_sends_only_so_many_requests_in_a_minute():
    rates = Rates(per_minute=60)
    assert [rates.seconds_to_wait(ADA, now=100.0) for _ in range(61)] == [0.0] * 60 + [1.0]
    assert rates.seconds_to_wait(BOB, now=100.0) == 0.0
    assert [rates.seconds_to_wait(ADA, now=102.0) for _ in range(3)] == [0.0, 0.0, 1.0]
    assert Rates(per_minute=0).seconds_to_wait(ADA) == 0.0


def test_strangers_are_told_when_they_have_sent_too_many():
    async def go() -> list[int]:
        app = Slow(401)
        app.let.set()
        work = BoundedWork(app, Lanes(4, 0), nobody, strangers=Rates(per_minute=2))
        said = [Said() for _ in range(3)]
        for one in said:
            await work(scope("/api/v1/restores/"), nothing, one)
        assert json.loads(said[2][1]["body"])["code"] == "too_many_requests"
        assert dict(said[2][0]["headers"])[b"retry-after"] == b"30"
        return [one[0]["status"] for one in said]

    assert asyncio.run(go()) == [401, 401, 429]


def send(address: str, head: str, body: bytes = b"") -> bytes:
    """Send the beginning of a request; what comes back until the server closes."""
    host, port = address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=60) as client:
        client.sendall(head.replace("\n", "\r\n").encode() + b"\r\n\r\n" + body)
        came = b""
        while part := client.recv(65536):
            came += part
        return came


def test_a_huge_body_is_refused_from_its_first_bytes_at_every_address(database: str):
    with serving(database) as address:
        for path in ("/healthz", "/readyz", "/api/v1/restores/", "/login/", "/nowhere"):
            for method in ("POST", "GET"):
                head = f"{method} {path} HTTP/1.1\nHost: localhost\nContent-Length: 400000000"
                came = send(address, head, b"x" * 100)
                assert came.startswith(b"HTTP/1.1 413 "), came
                assert b'"code":"body_too_large"' in came
        chunked = "POST /healthz HTTP/1.1\nHost: localhost\nTransfer-Encoding: chunked"
        chunk = b"%x\r\n%s\r\n" % (1_200_000, b"x" * 1_200_000)
        assert send(address, chunked, chunk).startswith(b"HTTP/1.1 413 ")
        # In UTF-8 or not at all, also where Django does not get to see it.
        bad = "GET /api/v1/restores/?name=%FF HTTP/1.1\nHost: localhost\nConnection: close"
        assert b"not_utf8" in send(address, bad)
        path = "GET /api/v1/restores/%FF/ HTTP/1.1\nHost: localhost\nConnection: close"
        assert b"not_utf8" in send(address, path)
        other = "GET /api/v1/restores/ HTTP/1.1\nHost: evil.example\nConnection: close"
        assert b"application/problem+json" in send(address, other)
        small = "POST /login/ HTTP/1.1\nHost: localhost\nConnection: close\nContent-Length: 3"
        assert b" 403 " in send(address, small, b"a=b")[:20]


def token(database: str, name: str, role: str) -> str:
    """A new account's."""
    made = service.run(
        *("accounts", "create", name, "--role", role, "--no-password", "--token", "--json"),
        database=database,
        env={"DEBUG": "1"},
    )
    return str(made.json["accounts"][0]["new_token"])


def status(address: str, path: str, headers: dict[str, str]) -> int:
    request = urllib.request.Request(f"{address}{path}", headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            answer.read()
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        return refused.code


def test_hundreds_of_clients_leave_another_user_unharmed(database: str, vendor: str):
    # First, because the ids of its rows follow from their places in the log.
    service.run_python("tests.support.long_messages", database=database)
    ada, bob = (
        {"Authorization": f"Token {token(database, name, role)}"}
        for name, role in (("ada", "auditor"), ("bob", "viewer"))
    )
    with processes(database) as server:
        assert status(server.address, "/api/v1/restores/", bob) == 200
        answers, connections = [], []
        with flooding(server.address, asked(ada), clients=150, seconds=60) as came:
            for path in ASKED_BY_ANOTHER * 2:
                answers.append(status(server.address, path, bob))
                if vendor == "postgresql":
                    connections.append(raw.value(database, OPEN))
        memory = server.peak()
    assert set(answers) == {200}
    statuses = {name.split(" ", 1)[1] for name in came}
    assert statuses <= {"200", "503 with"}, came
    assert {name for name in came if name.startswith("/readyz")} == {"/readyz 200"}
    # Four at work, three beside them, and the one that asks.
    assert all(count <= 8 for count in connections), connections
    assert memory < MEMORY


@pytest.mark.parametrize("vendor", ["postgresql"])
def test_nothing_of_a_request_is_left_to_the_next_on_its_connection(database: str, vendor: str):
    with raw.connect(database) as connection:
        connection.rollback()
        connection.autocommit = True
        connection.execute("SET lock_timeout = 77")
        connection.execute("SELECT pg_advisory_lock(77)")
        as_new(connection)
        assert connection.execute("SHOW lock_timeout").fetchone() == ("0",)
        assert connection.execute("SHOW TimeZone").fetchone() == ("UTC",)
        assert connection.execute(HELD).fetchone() == (0,)
