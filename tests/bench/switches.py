"""How long readers and writers wait when a cut-over switches a large table."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.bench.comparing import Alone
from tests.bench.imports import make_host_at_step_one
from tests.bench.places import Place, migrated
from tests.bench.running import run
from tests.bench.workload import Workload
from tests.support.service import ROOT, environment


def measure_switch(where: Place, workload: Workload, folder: Path) -> Iterator[Alone]:
    """One cut-over, a reader and a writer beside it from before it until after it.

    What they wait is also what the machine makes any process wait that shares two processors
    with a rebuild; the switch itself can only be shorter.
    """
    rows = workload.alone["switch_rows"]
    host, service = make_host_at_step_one(where, rows // 2, workload.seed), migrated(where)
    run("import_host", service, source=host)
    run("rebuild", service, count=rows)
    clients = {side: _start(side, service) for side in ("read", "write")}
    done = run(
        "cut_over",
        service,
        source=host,
        certificate=str(folder / "certificate.json"),
        snapshot=str(folder / "snapshot.sqlite3"),
    )
    waited = {side: _stop(process) for side, process in clients.items()}
    for url in (host, service):
        where.drop(url)
    for what, milliseconds in (
        ("a cut-over in all", done["seconds"] * 1000),
        ("of it, appends were held", done["held_seconds"] * 1000),
        ("the longest wait of a reader", waited["read"]),
        ("the longest wait of a writer", waited["write"]),
    ):
        yield Alone(
            what=what,
            vendor=where.vendor,
            unit="ms",
            each=[milliseconds],
            size=rows,
            peak_memory=done["peak_memory"],
        )


def _start(side: str, url: str) -> "subprocess.Popen[str]":
    process: subprocess.Popen[str] = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.waiting", side, url],
        cwd=ROOT,
        env=environment(database=url, source=None, env={"DEBUG": "1"}),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    process.stdout.readline()
    return process


def _stop(process: "subprocess.Popen[Any]") -> float:
    out, _ = process.communicate(timeout=120)
    return float(out.split()[-1])
