"""The service over HTTP, as in production: by uvicorn, on loopback."""

import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import NamedTuple

from tests.support import forked
from tests.support.forked import Process
from tests.support.postgres import free_port
from tests.support.service import ROOT, environment


class Server(NamedTuple):
    """Where it answers, and the process that the others are children of."""

    address: str
    process: Process

    def peak(self) -> int:
        """The most memory, in bytes, that any of its processes ever held."""
        return max(_peak(pid) for pid in family(self.process.pid))


def family(pid: int) -> Iterator[int]:
    """A process and all below it."""
    yield pid
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
    except FileNotFoundError:  # the process has ended meanwhile
        return
    for task in tasks:
        try:
            children = (task / "children").read_text().split()
        except (FileNotFoundError, ProcessLookupError):  # the thread has ended meanwhile
            continue
        for child in children:
            yield from family(int(child))


def _peak(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024


@contextmanager
def serving(database: str, env: Mapping[str, str] | None = None) -> Iterator[str]:
    """The address of the service on this database, once it answers."""
    with processes(database, env=env) as server:
        yield server.address


@contextmanager
def processes(
    database: str,
    *,
    workers: int = 1,
    source: str | None = None,
    cwd: Path = ROOT,
    log: str = "warning",
    env: Mapping[str, str] | None = None,
) -> Iterator[Server]:
    """The same with several processes, whose memory can be asked for; from another checkout."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    with TemporaryFile("w+") as said:
        server = forked.start(
            ["-m", "uvicorn", "infrastructure.asgi:application", "--host=127.0.0.1",
             f"--port={port}", f"--log-level={log}", f"--workers={workers}",
             "--timeout-worker-healthcheck=60"],
            cwd=cwd,
            env=environment(database=database, source=source, env={"DEBUG": "1", **(env or {})}),
            stdout=said,
            stderr=said,
        )  # fmt: skip
        try:
            for _ in range(300):
                try:
                    urllib.request.urlopen(f"{address}/healthz", timeout=5).close()
                    break
                except (urllib.error.URLError, TimeoutError):
                    assert server.poll() is None, "the server ended before it answered"
                    time.sleep(0.1)
            yield Server(address, server)
        finally:
            server.terminate()
            server.wait()
            said.seek(0)
            print(said.read())
