"""Requests that come more than once: at the same time, or again after a process was killed."""

import asyncio
import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Barrier
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request as Question
from urllib.request import urlopen
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from django.db import connections, transaction
from django.test import RequestFactory
from rest_framework.parsers import JSONParser
from rest_framework.request import Request
from rest_framework.response import Response

from api import accounts
from api.serving import repeats
from api.serving.repeats import Repeats
from api.v1 import idempotency
from api.v1.idempotency import InProgress, Keep, Recorded
from infrastructure.databases.reservation import reserve
from infrastructure.event_store.log import Log
from infrastructure.recording import restores
from projections.services import appending
from tests.api.test_consolidation import Migrator, migrator_called, states
from tests.support import here, raw
from tests.support.serving import processes
from tests.support.waiting import wait_until

AT_ONCE = 50
WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def migrator(database: str) -> Migrator:
    return migrator_called("grace")


@pytest.fixture
def cut_over(imported: str, tmp_path: Path) -> str:
    """The host of a service that has cut over, so that a step can be taken that writes no file."""
    files = "--certificate", str(tmp_path / "c.json"), "--snapshot", str(tmp_path / "s.sqlite3")
    here.run("cut_over", "--yes", *files, source=imported)
    return imported


def post(address: str, token: str, key: str, body: Any) -> tuple[int, str | None, Any]:
    """Roll back; the status, when to come again, and the answer."""
    headers = {
        "Authorization": f"Token {token}",
        "Content-Type": "application/json",
        "Idempotency-Key": key,
    }
    url = f"{address}/api/v1/consolidation/roll_back/"
    try:
        with urlopen(Question(url, json.dumps(body).encode(), headers), timeout=120) as answer:
            return answer.status, None, json.load(answer)
    except HTTPError as refused:
        return refused.code, refused.headers["Retry-After"], json.load(refused)


def patiently(address: str, token: str, key: str, body: Any) -> tuple[int, Any]:
    """The same, again whenever the answer is to come later, as a good client does."""
    while True:
        status, later, answer = post(address, token, key, body)
        if later is None:
            return status, answer
        assert (status, answer["code"]) == (409, "request_in_progress")
        time.sleep(float(later))


def token_of(name: str) -> str:
    return str(accounts.new_token(accounts.create(name, roles=["migrator"])))


def test_fifty_equal_requests_at_once_take_one_step_and_are_answered_alike(
    cut_over: str, database: str
):
    token, body = token_of("grace"), {"reason": "all of us want it"}
    connections.close_all()
    with (
        processes(database, workers=3, env={"SOURCE_DATABASE_URL": cut_over}) as server,
        ThreadPoolExecutor(AT_ONCE) as clients,
    ):
        asked = [
            clients.submit(patiently, server.address, token, "k", body) for _ in range(AT_ONCE)
        ]
        answers = [one.result() for one in asked]
        assert answers[0][0] == 200
        assert all(one == answers[0] for one in answers)
        assert states(database).count("RolledBack") == 1
        # Another body is another request, also now.
        status, _, problem = post(server.address, token, "k", {"reason": "another"})
        assert (status, problem["code"]) == (422, "idempotency_key_reused")


@contextmanager
def nobody_can_append(database: str, vendor: str) -> Iterator[None]:
    """Hold what an append needs, so that whoever wants to take a step waits in the middle."""
    with raw.connect(database) as connection:
        connection.rollback()
        if vendor == "postgresql":
            connection.execute("SELECT 1 FROM event_store_head FOR UPDATE")
        else:
            connection.execute("BEGIN IMMEDIATE")
        yield
        connection.rollback()


def test_a_killed_request_is_taken_over_by_exactly_one(
    cut_over: str, database: str, vendor: str, tmp_path: Path
):
    token, body = token_of("grace"), {"reason": "the first of us dies"}
    connections.close_all()
    env = {"SOURCE_DATABASE_URL": cut_over}

    def at_work() -> bool:
        if vendor == "postgresql":
            return bool(raw.value(database, WAITING))
        return bool(list(tmp_path.glob("service.sqlite3-request-*")))

    with (
        processes(database, env=env) as first,
        processes(database, workers=2, env=env) as others,
        ThreadPoolExecutor(20) as clients,
    ):
        with nobody_can_append(database, vendor):
            dead = clients.submit(post, first.address, token, "k", body)
            wait_until(at_work)
            asked = [clients.submit(patiently, others.address, token, "k", body) for _ in range(12)]
            first.process.kill()
            first.process.wait()
            with pytest.raises(OSError, match=r"Remote end closed|reset"):
                dead.result()
            assert not any(one.done() for one in asked)
        answers = [one.result() for one in asked]
    assert answers[0][0] == 200
    assert all(one == answers[0] for one in answers)
    assert states(database).count("RolledBack") == 1
    assert list(tmp_path.glob("*-request-*")) == []


def test_while_the_first_is_at_work_a_second_is_told_to_come_later(
    imported: str, database: str, migrator: Migrator
):
    user = User.objects.get(username="grace")
    with ThreadPoolExecutor(1) as other:

        def second(key: str) -> Any:
            response = migrator.client.post(
                "/api/v1/consolidation/roll_back/",
                "{}",
                content_type="application/json",
                headers={"Idempotency-Key": key},
            )
            connections.close_all()
            return response

        with reserve(f"Idempotency-Key {user.pk} k") as ours:
            assert ours
            refused = other.submit(second, "k").result()
            assert other.submit(second, "another").result().json()["code"] == "illegal_step"
        assert (refused.status_code, refused["Retry-After"]) == (409, "1")
        assert refused.json()["code"] == "request_in_progress"
        # It is not remembered: it said nothing of the request.
        assert other.submit(second, "k").result().json()["code"] == "illegal_step"


def test_a_step_whose_process_failed_after_it_was_recorded_is_answered_the_next_time(
    cut_over: str, database: str, migrator: Migrator, monkeypatch: pytest.MonkeyPatch
):
    def fail(*args: Any, **named: Any) -> None:
        raise connections["default"].Database.OperationalError("gone")  # type: ignore[attr-defined]

    with monkeypatch.context() as broken:
        broken.setattr(appending, "catch_up", fail)
        assert migrator.post("roll_back", expect=503, key="k")["code"] == "database_lost"
    answer = migrator.post("roll_back", key="k")
    assert answer["state"] == "rolled_back"
    assert states(database).count("RolledBack") == 1
    recorded = raw.rows(
        database,
        "SELECT position, stream_version FROM event_store_event"
        " WHERE topic = 'consolidation.RolledBack'",
    )
    assert raw.rows(database, "SELECT position, version FROM api_answer") == recorded
    assert answer["position"] == recorded[0][0]


class TestARecording:
    """What is recorded with a key, by the functions that a route will call."""

    @pytest.fixture
    def restore(self, database: str) -> UUID:
        accounts.create("ada", roles=["operator"])
        log = Log()
        made = restores.request_restore(log, name="one", actor="ada", target_database="db")
        restores.start_restore(log, made.id, actor="ada", started_at=NOON)
        here.run("project")
        return made.id

    def request(self, message: str) -> Request:
        """A request of Ada's, always with the same key."""
        factory = RequestFactory(headers={"Idempotency-Key": "k"})
        body = json.dumps({"message": message})
        request = Request(
            factory.post("/complete/", body, content_type="application/json"),
            parsers=[JSONParser()],
        )
        request.user = User.objects.get(username="ada")
        return request

    def complete(self, restore_id: UUID, message: str) -> Response:
        """Complete a restore as a view would; the answer says what its events say."""

        def act(keep: Keep) -> None:
            log = Log()
            with transaction.atomic():
                done = restores.complete_restore(
                    log, restore_id, actor="ada", message=message, completed_at=NOON
                )
                last = log.stream(restore_id)[-1]
                said = {"status": done.status, "version": done.version}
                keep(Recorded(said, done.version, last.position, status=201))

        return idempotency.once(self.request(message), act)

    def test_at_once_makes_one_event(self, restore: UUID, database: str):
        def one(_: int) -> int:
            try:
                return self.complete(restore, "done").status_code
            except InProgress:
                return 409
            finally:
                connections.close_all()

        with ThreadPoolExecutor(8) as clients:
            statuses = set(clients.map(one, range(AT_ONCE)))
        assert 201 in statuses
        assert statuses <= {201, 409}
        assert raw.value(
            database, "SELECT count(*) FROM event_store_event WHERE topic = 'restore.Completed'"
        ) == 1  # fmt: skip

    def test_is_answered_by_its_events_and_shown_by_the_tables(self, restore: UUID, database: str):
        first = self.complete(restore, "done")
        assert (first.status_code, first.data) == (201, {"status": "completed", "version": 3})
        # Nobody has brought the tables up to it yet: whoever recorded it may have died.
        shown = "SELECT status FROM system_backups_restorelog"
        assert raw.value(database, shown) == "in_progress"
        again = self.complete(restore, "done")
        assert (again.status_code, again.data) == (first.status_code, first.data)
        assert raw.value(database, shown) == "completed"

    def test_is_not_made_twice_where_a_reservation_is_lost(
        self, restore: UUID, database: str, monkeypatch: pytest.MonkeyPatch
    ):
        @contextmanager
        def lost(name: str) -> Iterator[bool]:
            yield True

        monkeypatch.setattr(idempotency, "reserve", lost)
        both_have_looked = Barrier(2)

        def act(keep: Keep) -> None:
            both_have_looked.wait(30)
            with transaction.atomic():
                made = restores.request_restore(Log(), name="two", actor="ada")
                keep(Recorded({}, made.version, Log().head().position))

        def one(_: int) -> int:
            try:
                return idempotency.once(self.request("two"), act).status_code
            except InProgress:
                return 409
            finally:
                connections.close_all()

        with ThreadPoolExecutor(2) as clients:
            assert sorted(clients.map(one, range(2))) == [200, 409]
        requested = "SELECT count(*) FROM event_store_event WHERE topic = 'restore.Requested'"
        assert raw.value(database, requested) == 2  # the one of this test, and the first


class Worker:
    """An application that gives these answers in turn."""

    def __init__(self, *statuses: int) -> None:
        self.statuses = list(statuses)
        self.bodies: list[bytes] = []
        self.let = asyncio.Event()
        self.let.set()
        self.at_once = self.most_at_once = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await self.let.wait()
        self.bodies.append((await receive())["body"])
        status = self.statuses.pop(0)
        headers = [(b"retry-after", b"1")] if status in (409, 503) else []
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": str(status).encode()})
        self.at_once -= 1


SCOPE = {"type": "http", "method": "POST", "path": "/", "headers": []}


async def body() -> Any:
    return {"type": "http.request", "body": b"{}", "more_body": False}


class Sent(list[Any]):
    """What a client was sent."""

    async def __call__(self, message: Any) -> None:
        self.append(message)

    @property
    def statuses(self) -> list[int]:
        return [message["status"] for message in self if "status" in message]


def answers(worker: Worker, clients: int = 1, most: int = 50) -> list[Sent]:
    """What clients are sent who ask at once, with one key."""

    async def go() -> list[Sent]:
        waiting, sent = Repeats(most), [Sent() for _ in range(clients)]
        worker.let.clear()
        async with asyncio.TaskGroup() as group:
            for one in sent:
                group.create_task(waiting("ada k", worker, SCOPE, body, one))
            for _ in range(5):
                await asyncio.sleep(0)
            worker.let.set()
        assert not waiting.turns
        return sent

    return asyncio.run(go())


def test_a_request_that_another_process_is_at_work_on_is_asked_again(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(repeats, "PAUSE", 0.001)
    worker = Worker(409, 409, 200)
    (sent,) = answers(worker)
    assert [sent.statuses, sent[1]["body"]] == [[200], b"200"]
    assert worker.bodies == [b"{}"] * 3


def test_whoever_has_waited_long_enough_is_told_to_come_later(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(repeats, "PATIENCE", 0.0)
    (sent,) = answers(Worker(409))
    assert [sent.statuses, sent[1]["body"]] == [[409], b"409"]


def test_a_busy_service_says_so_at_once():
    (sent,) = answers(Worker(503))
    assert sent.statuses == [503]


def test_those_of_one_process_come_one_after_the_other():
    worker = Worker(*[200] * 9)
    assert {tuple(sent.statuses) for sent in answers(worker, clients=9)} == {(200,)}
    assert worker.most_at_once == 1


def test_as_many_wait_as_may_and_more_are_refused():
    sent = answers(Worker(200, 200), clients=4, most=1)
    assert sorted(one.statuses[0] for one in sent) == [200, 200, 503, 503]


def test_a_turn_that_does_not_come_is_a_request_in_progress(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(repeats, "PATIENCE", 0.01)

    async def go() -> Sent:
        waiting, worker, second = Repeats(5), Worker(200), Sent()
        worker.let.clear()
        async with asyncio.TaskGroup() as group:
            group.create_task(waiting("ada k", worker, SCOPE, body, Sent()))
            await asyncio.sleep(0)
            await waiting("ada k", worker, SCOPE, body, second)
            worker.let.set()
        return second

    sent = asyncio.run(go())
    assert sent.statuses == [409]
    assert (b"retry-after", b"1") in sent[0]["headers"]
    assert json.loads(sent[1]["body"])["code"] == "request_in_progress"
