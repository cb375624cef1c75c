"""`restorelog follow`: every event once and in order, whatever happens to the connection."""

import random
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from queue import Queue
from time import sleep
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from django.core.wsgi import get_wsgi_application
from django.db import connections

from api import accounts
from api.client.configuration import Configuration
from api.client.following import LogFollower
from api.client.http_transport import HttpTransport
from api.client.transport import ClientError, NotReached, RefusedForGood
from domain.events import Event
from infrastructure.event_store.codec import new_event
from infrastructure.event_store.log import Log
from tests.builders import requested, started
from tests.support import forging
from tests.support.relay import relayed
from tests.support.serving import processes

WRITERS, EACH = 16, 8


@pytest.fixture
def token(database: str) -> str:
    return str(accounts.new_token(accounts.create("ada", roles=["auditor"])))


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.client.following.sleep", lambda seconds: sleep(seconds / 100))


def record(*events: Event) -> int:
    """Append these; the position of the last."""
    position = Log().append([new_event(event) for event in events]).position
    connections.close_all()
    return int(position)


def write(number: int) -> None:
    for version in range(1, EACH + 1):
        record(started(number, version=version))


class Followed:
    """A follower at work in a thread, with a service at this address."""

    def __init__(self, address: str, token: str, folder: Path, silence: float = 60) -> None:
        service = HttpTransport(Configuration(spool=folder, url=address, token=token), timeout=60)
        self.said: list[str] = []
        self._follower = LogFollower(service, self.said.append, silence=silence)
        self._found: Queue[Any] = Queue()
        threading.Thread(target=self._follow, daemon=True).start()

    def _follow(self) -> None:
        try:
            for event in self._follower.events():
                self._found.put(event["position"])
        except ClientError as error:
            self._found.put(error)

    def take(self, count: int = 1) -> list[Any]:
        """The positions of the next so many events; or what the follower ended with."""
        return [self._found.get(timeout=120) for _ in range(count)]


def test_a_follower_sees_every_event_once_whatever_becomes_of_its_connection(
    database: str, token: str, tmp_path: Path
):
    begin = record(requested(100))
    with processes(database) as server, relayed(server.address) as relay:
        followed = Followed(relay.address, token, tmp_path)
        relay.wait_for(2)
        chance = random.Random(5)
        relay.most = lambda: chance.randrange(2_000, 30_000)
        relay.cut()
        with ThreadPoolExecutor(WRITERS) as writers:
            written = [writers.submit(write, number) for number in range(WRITERS)]
            seen = followed.take(WRITERS * EACH)
            for one in written:
                one.result()
        assert seen == list(range(begin + 1, begin + 1 + WRITERS * EACH))
        assert relay.connections > 5

        relay.most = lambda: sys.maxsize

        # What is before the service lets no stream through: pages are asked for, and it is said.
        relay.held = b"text/event-stream"
        relay.cut()
        held = Followed(relay.address, token, tmp_path, silence=0.3)
        relay.wait_for(relay.connections + 6)
        last = record(requested(101))
        assert held.take() == [last]
        told = [line for line in held.said if "No stream comes through" in line]
        assert len(told) == 1
        assert "no answer in time" in told[0]
        relay.held = b""
        relay.cut()
        assert followed.take() == [last]

        # A log that lost its end is not followed on.
        forging.cut(database, begin)
        (ended,) = followed.take()
        assert isinstance(ended, RefusedForGood)
        assert ended.code in ("log_changed", "cursor_does_not_fit")


def test_a_service_without_streams_is_asked_for_pages(database: str, token: str, tmp_path: Path):
    with without_streams() as address, relayed(address) as relay:
        followed = Followed(relay.address, token, tmp_path)
        relay.wait_for(3)
        last = record(requested(1), started(1))
        assert followed.take(2) == [last - 1, last]
        (line,) = followed.said
        assert line == "This service sends no streams. New events are asked for every 2 seconds."
        relay.cut()
        viewer = accounts.new_token(accounts.create("bob", roles=["viewer"]))
        (ended,) = Followed(relay.address, viewer, tmp_path).take()
        assert isinstance(ended, NotReached)


@contextmanager
def without_streams() -> Iterator[str]:
    """A server that speaks WSGI, which sends no streams."""

    class Silent(WSGIRequestHandler):
        def log_message(self, *args: Any) -> None:
            pass

    with make_server("127.0.0.1", 0, get_wsgi_application(), handler_class=Silent) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
            connections.close_all()
