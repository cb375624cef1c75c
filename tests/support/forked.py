"""Python programs of this checkout, each in a process of its own, without the wait for imports.

Django and the other libraries take most of a second to import, and the tests run thousands of
commands. So a process that has imported them is forked for each program: see `fork_server`. The
program is `__main__`, has its own arguments, environment, folder and files, and reads the settings
for itself; it gets signals and ends as any process does.
"""

import atexit
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import IO, Self
from uuid import uuid4

from tests.support.fork_server import ROOT

READ_AT_START = ("PYTHON", "LANG", "LC_", "LD_")
"""Environment variables that Python reads when it starts: after a fork they come too late."""
NOT_TOO_LATE = "PYTHONPATH"
SET_UP_ALIKE = (
    "tests.bench.measures",
    "tests.infrastructure.hosts.in_another_process",
    "tests.journey.driver",
    "tests.projections.engine.driver",
    "tests.projections.services.import_in_another_process",
)
"""Modules that set the service up as `manage.py` does."""
SETTINGS = "infrastructure.settings"
OWN = ("DATABASE_URL", "SOURCE_DATABASE_URL", "HEAD_FILE", "SIGNING_KEY_FILE", "SOURCE_TIME_ZONE")
"""Environment variables for settings that nothing looks at when it is imported."""
PIPE = 65_536

Done = subprocess.CompletedProcess[str]
_one_at_a_time = threading.Lock()


class Process:
    """A program that was started: what `subprocess.Popen` has, as far as tests need it.

    An output that is not given is a pipe that can be read here.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        env: Mapping[str, str],
        cwd: Path,
        stdin: int,
        stdout: IO[str] | None,
        stderr: IO[str] | None,
    ) -> None:
        assert _at_start(env) == _at_start(os.environ), "start a Python of its own for this"
        self.args = list(arguments)
        self.returncode: int | None = None
        self._keeper, its_keeper = socket.socketpair()
        self.stdout, out = _output(stdout)
        self.stderr, err = _output(stderr)
        with _one_at_a_time:
            kind = _kind(self.args, env, cwd)
            socket.send_fds(_server(), [kind], [stdin, out, err, its_keeper.fileno()])
        for file in (out, err, its_keeper.detach()):
            os.close(file)
        job = {"arguments": self.args, "env": dict(env), "cwd": str(cwd), "umask": _umask()}
        self._keeper.sendall(json.dumps(job).encode() + b"\n")
        self.pid = int(self._keeper.recv(64))

    def poll(self) -> int | None:
        """The exit code, negative for a signal; None while it runs."""
        try:
            return self.wait(0)
        except subprocess.TimeoutExpired:
            return None

    def wait(self, timeout: float | None = None) -> int:
        if self.returncode is None:
            self._keeper.settimeout(timeout)
            try:
                self.returncode = int(self._keeper.recv(64))
            except (TimeoutError, BlockingIOError) as late:
                raise subprocess.TimeoutExpired(self.args, timeout or 0) from late
            self._keeper.close()
        return self.returncode

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """All that it writes until nobody has its outputs open any more, and its end."""
        deadline = time.monotonic() + (600 if timeout is None else timeout)
        said = {file: b"" for file in (self.stdout, self.stderr) if file is not None}
        with selectors.DefaultSelector() as selector:
            for file in said:
                selector.register(file, selectors.EVENT_READ, file)
            while selector.get_map():
                ready = selector.select(deadline - time.monotonic())
                if not ready:
                    raise subprocess.TimeoutExpired(self.args, timeout or 600)
                for key, _ in ready:
                    some = os.read(key.fd, PIPE)
                    said[key.data] += some
                    if not some:
                        selector.unregister(key.fd)
        self._close()
        self.wait(max(0, deadline - time.monotonic()))
        return _text(said.get(self.stdout, b"")), _text(said.get(self.stderr, b""))

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()
        self.wait()

    def _close(self) -> None:
        for file in (self.stdout, self.stderr):
            if file is not None:
                file.close()


def start(
    arguments: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: Path = ROOT,
    stdin: IO[str] | None = None,
    stdout: IO[str] | None = None,
    stderr: IO[str] | None = None,
) -> Process:
    """Start `python ARGUMENTS`: a script's path or `-m MODULE`, then its own."""
    with open(os.devnull) as nothing:
        return Process(arguments, env, cwd, (stdin or nothing).fileno(), stdout, stderr)


def run(
    arguments: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: Path = ROOT,
    stdin: str = "",
    timeout: float = 600,
) -> Done:
    """Run `python ARGUMENTS` and wait for it."""
    if _at_start(env) != _at_start(os.environ):
        return subprocess.run(
            [sys.executable, *arguments], env=env, cwd=cwd, input=stdin, timeout=timeout,
            capture_output=True, encoding="utf-8",
        )  # fmt: skip
    its_end, ours = os.pipe()
    assert len(stdin.encode()) <= PIPE, "more than a pipe holds"
    os.write(ours, stdin.encode())
    os.close(ours)
    with open(its_end) as file:
        process = start(arguments, env=env, cwd=cwd, stdin=file)
    try:
        out, err = process.communicate(timeout)
    except subprocess.TimeoutExpired:
        with process:
            process.kill()
        raise
    return Done(process.args, process.wait(), out, err)


@cache
def _server() -> socket.socket:
    """Where to ask; who answers ends when this process does."""
    ours, its = socket.socketpair(type=socket.SOCK_SEQPACKET)
    with its:
        program = [sys.executable, f"{ROOT}/tests/support/fork_server.py", str(its.fileno())]
        server = subprocess.Popen(program, stdin=subprocess.DEVNULL, pass_fds=[its.fileno()])
    server.returncode = 0  # nobody shall warn that it still runs
    atexit.register(ours.close)
    return ours


def _kind(arguments: Sequence[str], env: Mapping[str, str], cwd: Path) -> bytes:
    """Programs of one kind can share a process that has read the settings and the modules.

    That is `manage.py` of this checkout, and what sets the service up as it does, where only such
    variables differ as name files and databases; any other is of a kind of its own.
    """
    if arguments[0] == "-m":
        alike = cwd == ROOT and arguments[1] in SET_UP_ALIKE
    else:
        alike = Path(cwd, arguments[0]) == ROOT / "manage.py"
    if not alike or env.get("DJANGO_SETTINGS_MODULE", SETTINGS) != SETTINGS:
        return uuid4().bytes
    shared = sorted((k, v) for k, v in env.items() if k not in OWN and not k.startswith("PYTEST_"))
    return sha256(repr(shared).encode()).digest()


def _output(file: IO[str] | None) -> tuple[IO[str] | None, int]:
    """Our end, if it is a pipe, and the program's."""
    if file is not None:
        return None, os.dup(file.fileno())
    ours, its = os.pipe()
    return open(ours, encoding="utf-8"), its


def _text(written: bytes) -> str:
    return written.decode().replace("\r\n", "\n").replace("\r", "\n")


def _at_start(environment: Mapping[str, str]) -> dict[str, str]:
    return {
        k: v for k, v in environment.items() if k.startswith(READ_AT_START) and k != NOT_TOO_LATE
    }


def _umask() -> int:
    """This process's; only setting it would tell it otherwise."""
    status = Path("/proc/self/status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith("Umask:"))
    return int(line.split()[1], 8)
