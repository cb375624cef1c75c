"""Reading over HTTP beside a plain `ModelViewSet` over the same table."""

import json
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from statistics import quantiles
from typing import Any, NamedTuple

from tests.bench.comparing import DifferentRows, Reading, take_turns
from tests.bench.history.database import History
from tests.bench.history.processor import worked
from tests.bench.over_http import OURS, THEIRS, Server, served
from tests.bench.running import AS_IN_PRODUCTION, client, run
from tests.bench.workload import Workload
from tests.support.service import environment

CLIENTS, FEW_CLIENTS = (1, 16), (2,)
PAGE = 100
"""Rows on a page, on both sides."""


class Asked(NamedTuple):
    """The same question, as each side is asked it; `theirs` is empty if they cannot be."""

    what: str
    target: str
    ours: list[str]
    theirs: list[str]


def compare_reading(history: History, workload: Workload, *, quick: bool) -> Iterator[Reading]:
    """The first page, a deep one and single rows, by one client and by many.

    Raises `DifferentRows` if both sides do not show the same rows on the deep page.
    """
    many = max(FEW_CLIENTS if quick else CLIENTS)
    tokens = run("tokens", history.url, count=many)["tokens"]
    given = {"ALLOWED_HOSTS": "127.0.0.1", "ALLOW_PLAIN_HTTP": "1"}
    ours = environment(database=history.url, source=None, env={**AS_IN_PRODUCTION, **given})
    theirs = environment(database=None, source=None, env={"PLAIN_DATABASE_URL": history.url})
    with ExitStack() as running:
        servers = {
            "ours": running.enter_context(served(OURS, ours)),
            "theirs": running.enter_context(served(THEIRS, theirs)),
        }
        for asked in _questions(history, workload):
            _refuse_different(asked, servers, tokens[0])
            for clients in FEW_CLIENTS if quick else CLIENTS:
                yield from _compared(history, workload, asked, servers, tokens[:clients])


def _questions(history: History, workload: Workload) -> Iterator[Asked]:
    number = workload.history["page"]
    rows = PAGE * (number - 1)
    found = run("history_places", history.url, rows=rows, singles=200)
    lists, plain = "/api/v1/restores/", "/rows/"
    deep = [f"{lists}?cursor={found['cursor']}"]
    yield Asked("page 1", "page_1", [lists], [plain])
    yield Asked(f"page {number:,}", "page_10000", deep, [f"{plain}?offset={rows}"])
    yield Asked(
        "a single row",
        "single_row",
        [f"{lists}{id}/" for id in found["ids"]],
        [f"{plain}{id}/" for id in found["ids"]],
    )
    yield Asked("a search without a hit", "", [f"{lists}?search=nosuchword"], [])


def _refuse_different(asked: Asked, servers: dict[str, Server], token: str) -> None:
    """Also has each side do once what it does only once."""
    shown = {
        side: _json(servers[side], paths[0], token if side == "ours" else "")
        for side, paths in (("ours", asked.ours), ("theirs", asked.theirs))
        if paths
    }
    ids = {side: [row["id"] for row in one.get("results", [one])] for side, one in shown.items()}
    if ids.get("theirs", ids["ours"]) != ids["ours"]:
        raise DifferentRows(f"{asked.what}: {ids['ours'][:3]}, and theirs {ids['theirs'][:3]}")


def _json(server: Server, path: str, token: str) -> Any:
    headers = {"Accept": "application/json", "X-Forwarded-Proto": "https"}
    headers |= {"Authorization": f"Token {token}"} if token else {}
    asked = urllib.request.Request(f"http://127.0.0.1:{server.port}{path}", headers=headers)
    with urllib.request.urlopen(asked, timeout=600) as response:
        return json.load(response)


def _compared(
    history: History,
    workload: Workload,
    asked: Asked,
    servers: dict[str, Server],
    tokens: list[str],
) -> Iterator[Reading]:
    seconds = workload.history["read_seconds"]

    def ours() -> dict[str, Any]:
        return _read(history, servers["ours"], asked.ours, tokens, seconds)

    def theirs() -> dict[str, Any]:
        return _read(history, servers["theirs"], asked.theirs, [""] * len(tokens), seconds)

    if not asked.theirs:
        done = [ours() for _ in range(workload.pairs)]
        yield _side("ours", history, asked, len(tokens), done, None)
        return
    ours_done, theirs_done = take_turns(workload.pairs, ours, theirs)
    ratios = [
        one["rate"] / other["rate"] for one, other in zip(ours_done, theirs_done, strict=True)
    ]
    target = workload.targets[asked.target]
    yield _side("ours", history, asked, len(tokens), ours_done, target, ratios)
    yield _side("theirs", history, asked, len(tokens), theirs_done, None)


def _read(
    history: History, server: Server, paths: list[str], tokens: list[str], seconds: int
) -> dict[str, Any]:
    pids = [server.pid, *history.where.pids()]
    before = sum(map(worked, pids))
    given = {"tokens": tokens, "paths": paths}
    result = client("tests.bench.history.readers", server.port, seconds, given=given)
    requests = len(result["took"])
    result["rate"] = requests / result["seconds"]
    result["worked"] = 1000 * (sum(map(worked, pids)) - before) / requests
    return result


def _side(
    side: str,
    history: History,
    asked: Asked,
    clients: int,
    done: list[dict[str, Any]],
    target: float | None,
    ratios: list[float] | None = None,
) -> Reading:
    def within(result: dict[str, Any], percent: int) -> float:
        took = result["took"]
        return 1000 * (quantiles(took, n=100)[percent - 1] if len(took) > 1 else took[0])

    return Reading(
        what=asked.what,
        vendor=history.where.vendor,
        clients=clients,
        side=side,
        requests=sum(len(result["took"]) for result in done),
        rates=[result["rate"] for result in done],
        p50=[within(result, 50) for result in done],
        p99=[within(result, 99) for result in done],
        worked=[result["worked"] for result in done],
        ratios=ratios or [],
        target=target,
    )
