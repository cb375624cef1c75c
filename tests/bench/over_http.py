"""Recording over HTTP beside a plain REST framework view that inserts one row."""

import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from statistics import quantiles
from typing import Any, NamedTuple

from tests.bench import running
from tests.bench.baselines import plain_table
from tests.bench.comparing import Alone, Comparison, take_turns
from tests.bench.places import Place, migrated
from tests.bench.running import AS_IN_PRODUCTION, run
from tests.bench.workload import Workload
from tests.support import raw
from tests.support.postgres import free_port
from tests.support.service import environment

CLIENTS, FEW_CLIENTS = (1, 16), (2,)
CLIENT = "tests.bench.http_clients"


class Server(NamedTuple):
    """A process that answers, and the port on loopback at which it does."""

    port: int
    pid: int


OURS, THEIRS = "infrastructure.asgi:application", "tests.bench.baselines.plain_rest:application"


def compare_over_http(
    where: Place, workload: Workload, *, quick: bool
) -> Iterator[Comparison | Alone]:
    """Requests a second, and how long one takes, with one client and with many.

    Ours are whole lives, by accounts that log in, with all four tables up to date in each answer.
    """
    empty = migrated(where)
    for count in FEW_CLIENTS if quick else CLIENTS:
        requests = workload.alone["requests"]

        def ours(count: int = count, requests: int = requests) -> dict[str, Any]:
            fresh = where.copy(empty)
            tokens = run("tokens", fresh, count=count)["tokens"]
            env = {**AS_IN_PRODUCTION, "ALLOWED_HOSTS": "127.0.0.1", "ALLOW_PLAIN_HTTP": "1"}
            with served(OURS, environment(database=fresh, source=None, env=env)) as server:
                result = running.client(CLIENT, server.port, "ours", requests, given=tokens)
            where.drop(fresh)
            return result

        def theirs(count: int = count, requests: int = requests) -> dict[str, Any]:
            fresh = where.empty()
            raw.execute(fresh, plain_table.statement(where.vendor))
            env = {**environment(database=None, source=None, env={}), "PLAIN_DATABASE_URL": fresh}
            with served(THEIRS, env) as server:
                result = running.client(CLIENT, server.port, "theirs", requests, given=[""] * count)
            where.drop(fresh)
            return result

        both = take_turns(workload.pairs, ours, theirs)
        what = f"over HTTP, {count} {'client' if count == 1 else 'clients'}"
        yield _compared(what, where, *both)
        for side, done in zip(("ours", "theirs"), both, strict=True):
            yield from _latencies(f"{what}, {side}", where, done)
    where.drop(empty)


def _compared(what: str, where: Place, ours: list[Any], theirs: list[Any]) -> Comparison:
    return Comparison(
        what=what,
        vendor=where.vendor,
        storage="disk",
        unit="requests/s",
        target=None,
        ours=[result["requests"] / result["seconds"] for result in ours],
        theirs=[result["requests"] / result["seconds"] for result in theirs],
        ours_size=ours[0]["requests"],
        theirs_size=theirs[0]["requests"],
    )


def _latencies(what: str, where: Place, done: list[Any]) -> Iterator[Alone]:
    for name, which in (("p50", 49), ("p99", 98)):
        yield Alone(
            what=f"{what}: {name}",
            vendor=where.vendor,
            unit="ms",
            each=[1000 * quantiles(result["took"], n=100)[which] for result in done],
            size=done[0]["requests"],
            peak_memory=0,
        )


@contextmanager
def served(application: str, env: Mapping[str, str]) -> Iterator[Server]:
    """One process of uvicorn that serves it, once it answers."""
    port = free_port()
    server = running.start_python(
        ["-m", "uvicorn", application, "--host=127.0.0.1", f"--port={port}",
         "--log-level=warning"],
        env=env,
    )  # fmt: skip
    try:
        for _ in range(600):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5).close()
                break
            except urllib.error.HTTPError:
                break  # it answers: it has no such page
            except (urllib.error.URLError, TimeoutError):
                assert server.poll() is None, "the server ended before it answered"
                time.sleep(0.1)
        yield Server(port, server.pid)
    finally:
        server.terminate()
        server.wait()
