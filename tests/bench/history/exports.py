"""Files of all events and rows, over HTTP: how fast, and how much memory the server takes."""

import urllib.request
from collections.abc import Iterator
from time import perf_counter
from typing import NamedTuple

from tests.bench.comparing import Alone, Bound
from tests.bench.history.database import History
from tests.bench.history.processor import peak, peak_below
from tests.bench.over_http import OURS, Server, served
from tests.bench.running import AS_IN_PRODUCTION, run
from tests.bench.workload import Workload
from tests.support.service import environment

PIECE = 2**20


WAIT = 1200
"""Seconds until a file begins: a list's is whole before it is sent."""
AROUND = 2
"""Lines of a file of events that are none: its first and its last."""


class File(NamedTuple):
    """What is taken away."""

    what: str
    path: str
    unit: str


FILES = (
    File("a file of all events", "audit/events/export/", "events"),
    *(
        File(f"a file of all restores, {kind}", f"exports/restores/?format={kind}", "rows")
        for kind in ("csv", "ndjson", "parquet")
    ),
)


def measure_exports(history: History, workload: Workload) -> Iterator[Alone | Bound]:
    """Each file by a server of its own, which holds no more than it needs for that."""
    token = run("tokens", history.url, count=1)["tokens"][0]
    given = {"ALLOWED_HOSTS": "127.0.0.1", "ALLOW_PLAIN_HTTP": "1"}
    env = environment(database=history.url, source=None, env={**AS_IN_PRODUCTION, **given})
    held: dict[str, float] = {}
    for file in FILES:
        with served(OURS, env) as server:
            begin = perf_counter()
            with peak_below(server.pid) as child:
                count = _taken(server, file.path, token)
            seconds, memory = perf_counter() - begin, peak(server.pid)
        least = history.events if file.unit == "events" else history.rows
        assert count >= least, f"{file.what}: {count}, and {least} {file.unit} are there"
        held[file.what] = memory / 1e6
        if child["bytes"]:
            held[f"{file.what}: the process that writes it"] = child["bytes"] / 1e6
        yield Alone(
            what=file.what,
            vendor=history.where.vendor,
            unit=f"{file.unit}/s",
            each=[count / seconds],
            size=count,
            peak_memory=memory,
        )
    yield Bound(
        what="memory of a server that sends files",
        vendor=history.where.vendor,
        unit="MB",
        cases=held,
        most=workload.targets["export_mb"],
    )


def _taken(server: Server, path: str, token: str) -> int:
    """Take a file away; how many events or rows it has."""
    headers = {"Authorization": f"Token {token}", "X-Forwarded-Proto": "https"}
    address = f"http://127.0.0.1:{server.port}/api/v1/{path}"
    lines = 0
    with urllib.request.urlopen(
        urllib.request.Request(address, headers=headers), timeout=WAIT
    ) as response:
        while piece := response.read(PIECE):
            lines += piece.count(b"\n")
        rows = response.headers.get("Export-Rows")
    return lines - AROUND if rows is None else int(rows)
