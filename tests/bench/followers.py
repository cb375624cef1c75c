"""How long a list takes while followers get every event of a log that grows."""

import selectors
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from operator import truediv
from statistics import median, quantiles
from typing import Any

from tests.bench.comparing import Alone, Bound
from tests.bench.http_clients import Client
from tests.bench.over_http import OURS, served
from tests.bench.places import Place, migrated
from tests.bench.running import AS_IN_PRODUCTION, run
from tests.bench.workload import Workload
from tests.support.service import environment

RECORDED = 20
"""Events that are recorded in a second, as far as the machine can."""
LIST = "/api/v1/restores/?page_size=100"
HEAD = (
    "GET /api/v1/audit/events/ HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Forwarded-Proto: https\r\n"
    "Authorization: Token {token}\r\nAccept: text/event-stream\r\n\r\n"
)


def measure_followers(where: Place, workload: Workload) -> Iterator[Alone | Bound]:
    """A list's p50 and p99, by turns without followers and with them; and how they differ."""
    followers, lists = workload.alone["followers"], workload.alone["lists"]
    fresh = migrated(where)
    reading, writing = run("tokens", fresh, count=2)["tokens"]
    env = {**AS_IN_PRODUCTION, "ALLOWED_HOSTS": "127.0.0.1", "ALLOW_PLAIN_HTTP": "1"}
    took: dict[int, list[list[float]]] = {0: [], followers: []}
    received = 0
    with (
        served(OURS, environment(database=fresh, source=None, env=env)) as server,
        ExitStack() as on,
    ):
        port = server.port
        on.callback(_recording(port, writing))
        _lists(port, reading, lists)  # what is done once, and is not timed
        for _ in range(workload.alone["times"]):
            took[0].append(_lists(port, reading, lists))
            with _Followers(port, reading, followers) as following:
                took[followers].append(_lists(port, reading, lists))
            received += following.received
    where.drop(fresh)
    assert received, "the followers got nothing"
    longer: dict[str, float] = {}
    for name, which in (("p50", 49), ("p99", 98)):
        within = {
            count: [1000 * quantiles(one, n=100)[which] for one in each]
            for count, each in took.items()
        }
        longer[name] = median(map(truediv, within[followers], within[0]))
        for count, each in within.items():
            yield Alone(
                what=f"a list with {count} followers: {name}",
                vendor=where.vendor,
                unit="ms",
                each=each,
                size=lists,
                peak_memory=0,
            )
    yield Bound(
        what="a list with followers, times as long as without",
        vendor=where.vendor,
        unit="×",
        cases=longer,
        most=workload.targets["followed_list"],
    )


def _lists(port: int, token: str, count: int) -> list[float]:
    """How long each of so many lists took, one after the other, in seconds."""
    client = Client(port, token)
    for _ in range(count):
        begin = time.perf_counter()
        client.connection.request("GET", LIST, headers=client.headers)
        response = client.connection.getresponse()
        response.read()
        client.took.append(time.perf_counter() - begin)
        assert response.status == 200, response.status
    client.connection.close()
    return client.took


def _recording(port: int, token: str) -> Any:
    """Record restores until the function that this returns is called."""
    over = threading.Event()
    client = Client(port, token)

    def record() -> None:
        while not over.wait(1 / RECORDED):
            client.post("/api/v1/restores/", {"name": "followed", "target_database": "shop"})

    thread = threading.Thread(target=record)
    thread.start()

    def end() -> None:
        over.set()
        thread.join()
        client.connection.close()

    return end


class _Followers:
    """So many streams, read by one thread. `received` are the events that came."""

    def __init__(self, port: int, token: str, count: int) -> None:
        self.received, self.over = 0, threading.Event()
        self.streams = [self._open(port, token) for _ in range(count)]
        self.thread = threading.Thread(target=self._read)

    def __enter__(self) -> "_Followers":
        self.thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        while not (self.received or error[0]):
            time.sleep(0.1)
        self.over.set()
        self.thread.join()
        for stream in self.streams:
            stream.close()

    def _open(self, port: int, token: str) -> socket.socket:
        stream = socket.create_connection(("127.0.0.1", port))
        stream.sendall(HEAD.format(token=token).encode())
        assert b" 200 " in stream.recv(65_536)[:20]
        stream.setblocking(False)
        return stream

    def _read(self) -> None:
        with selectors.DefaultSelector() as ready:
            for stream in self.streams:
                ready.register(stream, selectors.EVENT_READ)
            while not self.over.is_set():
                for key, _ in ready.select(0.2):
                    assert isinstance(key.fileobj, socket.socket)
                    self.received += key.fileobj.recv(2**20).count(b"\ndata: ")
