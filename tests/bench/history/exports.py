"""Files of all events and rows, over HTTP: how fast, and how much memory the server takes."""

import urllib.request
from collections.abc import Iterator
from time import perf_counter
from typing import NamedTuple

from tests.bench.comparing import Alone, Bound
from tests.bench.history.database import History
from tests.bench.history.processor import peak
from tests.bench.over_http import OURS, Server, served
from tests.bench.running import AS_IN_PRODUCTION, run
from tests.bench.workload import Workload
from tests.support.service import environment

PIECE = 2**20


class File(NamedTuple):
    """What is taken away, and the lines in it that are more than one for each event or row."""

    what: str
    path: str
    unit: str
    more: int


FILES = (File("a file of all events", "/api/v1/audit/events/export/", "events", 2),)


def measure_exports(history: History, workload: Workload) -> Iterator[Alone | Bound]:
    """Each file by a server of its own, which holds no more than it needs for that."""
    token = run("tokens", history.url, count=1)["tokens"][0]
    given = {"ALLOWED_HOSTS": "127.0.0.1", "ALLOW_PLAIN_HTTP": "1"}
    env = environment(database=history.url, source=None, env={**AS_IN_PRODUCTION, **given})
    held: dict[str, float] = {}
    for file in FILES:
        with served(OURS, env) as server:
            begin = perf_counter()
            lines = _lines(server, file.path, token) - file.more
            seconds, memory = perf_counter() - begin, peak(server.pid)
        least = history.events if file.unit == "events" else history.rows
        assert lines >= least, f"{file.what}: {lines} lines, and {least} {file.unit} are there"
        held[file.what] = memory / 1e6
        yield Alone(
            what=file.what,
            vendor=history.where.vendor,
            unit=f"{file.unit}/s",
            each=[lines / seconds],
            size=lines,
            peak_memory=memory,
        )
    yield Bound(
        what="memory of a server that sends files",
        vendor=history.where.vendor,
        unit="MB",
        cases=held,
        most=workload.targets["export_mb"],
    )


def _lines(server: Server, path: str, token: str) -> int:
    """Take a file away; how many lines it has."""
    headers = {"Authorization": f"Token {token}", "X-Forwarded-Proto": "https"}
    asked = urllib.request.Request(f"http://127.0.0.1:{server.port}{path}", headers=headers)
    count = 0
    with urllib.request.urlopen(asked, timeout=600) as response:
        while piece := response.read(PIECE):
            count += piece.count(b"\n")
    return count
