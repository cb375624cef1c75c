"""How long readers and writers wait when a cut-over switches a large table."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from tests.bench import running
from tests.bench.comparing import Alone
from tests.bench.imports import make_host_at_step_one
from tests.bench.places import Place, migrated
from tests.bench.running import run
from tests.bench.workload import Workload
from tests.support.service import environment


def measure_switch(where: Place, workload: Workload, folder: Path) -> Iterator[Alone]:
    """One cut-over, a reader and a writer beside it from before it until after it.

    What they wait is also what the machine makes any process wait that shares two processors
    with a rebuild; the switch itself can only be shorter.
    """
    rows = workload.alone["switch_rows"]
    host, service = make_host_at_step_one(where, rows // 2, workload.seed), migrated(where)
    run("import_host", service, source=host)
    run("rebuild", service, count=rows)
    clients = {side: _Client(side, service) for side in ("read", "write")}
    done = run(
        "cut_over",
        service,
        source=host,
        certificate=str(folder / "certificate.json"),
        snapshot=str(folder / "snapshot.sqlite3"),
    )
    waited = {side: client.longest() for side, client in clients.items()}
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


class _Client:
    """A process that reads or writes until it is told to end."""

    def __init__(self, side: str, url: str) -> None:
        its_end, self.told = _pipe()
        self.said, its_word = _pipe()
        with its_end, its_word:
            self.process = running.start_python(
                ["-m", "tests.bench.waiting", side, url],
                env=environment(database=url, source=None, env={"DEBUG": "1"}),
                stdin=its_end,
                stdout=its_word,
            )
        self.said.readline()

    def longest(self) -> float:
        """End it; the longest that it ever waited, in milliseconds."""
        self.told.close()
        with self.said:
            found = float(self.said.read())
        self.process.wait()
        return found


def _pipe() -> tuple[IO[str], IO[str]]:
    read, write = os.pipe()
    return open(read), open(write, "w")
