"""A Dask cluster on loopback: a scheduler and workers, each a process of its own."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.support import guarded
from tests.support.postgres import free_port
from tests.support.service import ROOT, environment
from tests.support.waiting import wait_until

DASK = str(Path(sys.executable).with_name("dask"))


class Cluster:
    """A scheduler at `url`, and the workers that were started for it.

    What they say is in the files of `folder`.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"tcp://127.0.0.1:{self.port}"
        self.processes: list[subprocess.Popen[bytes]] = []
        self.scheduler = self.start(
            [
                "scheduler",
                "--host=127.0.0.1",
                f"--port={self.port}",
                "--dashboard-address=127.0.0.1:0",
            ],
            environment(database=None, source=None, env={}),
        )
        wait_until(lambda: f"Scheduler at: {self.url}" in " ".join(self.said(0).split()))

    def start(
        self, arguments: list[str], env: Mapping[str, str], root: Path = ROOT
    ) -> "subprocess.Popen[bytes]":
        """Start `dask ARGUMENTS` with the code of a checkout."""
        file = self.folder / f"said-{len(self.processes)}"
        own = {
            "PYTHONPATH": str(root),
            "DASK_CONFIG": str(self.folder / "configuration"),
            "DEBUG": "",
        }
        with file.open("wb") as said:
            process = subprocess.Popen(
                [DASK, *arguments], cwd=self.folder, env={**env, **own}, stdin=subprocess.DEVNULL,
                stdout=said, stderr=said, start_new_session=True,
                preexec_fn=guarded.die_with_parent(signal.SIGKILL),
            )  # fmt: skip
        self.processes.append(process)
        return process

    def worker(
        self,
        database: str | None,
        *,
        name: str,
        root: Path = ROOT,
        url: str = "",
        wait: bool = True,
    ) -> "subprocess.Popen[bytes]":
        """Start a worker, and wait until the scheduler has it."""
        number = len(self.processes)
        process = self.start(
            ["worker", url or self.url, "--host=127.0.0.1", "--nthreads=1", "--no-nanny",
             "--dashboard-address=127.0.0.1:0", f"--name={name}",
             f"--local-directory={self.folder / 'local'}"],
            environment(database=database, source=None, env={}),
            root,
        )  # fmt: skip
        if wait:
            self.wait_for(number)
        return process

    def wait_for(self, number: int) -> None:
        """Wait until the scheduler has the worker that was started as this one."""
        wait_until(lambda: "Registered to:" in self.said(number))

    def said(self, number: int) -> str:
        """What this process has written so far."""
        return (self.folder / f"said-{number}").read_text(errors="replace")

    def stop(self) -> None:
        for process in self.processes:
            kill(process)


def kill(process: "subprocess.Popen[bytes]") -> None:
    """`kill -9` a process and all that it has started."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@contextmanager
def cluster(folder: Path) -> Iterator[Cluster]:
    """A scheduler without workers; they all end with the block."""
    one = Cluster(folder)
    try:
        yield one
    finally:
        one.stop()
