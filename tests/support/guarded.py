"""Database servers that live exactly as long as somebody uses them.

Every process that uses a server holds a shared lock on the file `users` in the server's
directory. A detached *guard* process starts the server, then waits for the exclusive lock: it
gets it when the last user has gone, however that one ended, and then stops the server and removes
the directory. The kernel drops the locks of a killed process, so nothing is left behind.

A server module (`postgres`, `mariadb`) offers `launch(directory, durable) -> Launch` and
`ping(url)`; this module does the rest.
"""

import ctypes
import fcntl
import importlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).resolve().parents[2]
SESSION = "RESTORE_LOG_TEST_SESSION"
PREFIX = "restore-log-tests-"
START_TIMEOUT = 120.0
PR_SET_PDEATHSIG = 1


class ServerDidNotStart(RuntimeError):
    """The database server for the tests could not be started; the message holds its log."""


@dataclass(frozen=True)
class Launch:
    """How to run a server: its command, the user to run as, where it listens, how to stop it."""

    command: list[str]
    user: str | None
    url: str
    stop_signal: signal.Signals


@dataclass(frozen=True)
class Running:
    """A server that answers. `url` is its administrator's; `pid` is the server's own."""

    url: str
    pid: int


_held: dict[Path, IO[str]] = {}  # the locks; they last as long as this process


def unprivileged() -> dict[str, Any]:
    """The arguments for `subprocess` that leave root behind; none where we are not root."""
    if os.geteuid() != 0:
        return {}
    return {"user": "nobody", "group": "nogroup", "extra_groups": []}


def session_directory() -> Path:
    """One directory per test session, shared by its pytest-xdist workers and its subprocesses."""
    name = os.environ.get(SESSION)
    if name is None:
        run = os.environ.get("PYTEST_XDIST_TESTRUNUID", f"process-{os.getpid()}")
        name = str(Path(tempfile.gettempdir(), f"{PREFIX}{os.getuid()}-{run[:24]}"))
        os.environ[SESSION] = name
    return Path(name)


def use(kind: str, directory: Path, *, durable: bool = False) -> Running:
    """The server of this kind in this directory; started by whoever comes first."""
    deadline = time.monotonic() + START_TIMEOUT
    while not _hold(directory):
        if time.monotonic() > deadline:
            raise ServerDidNotStart(f"{directory} is still being cleared away")
    with (directory / "start").open("w") as start:
        fcntl.flock(start, fcntl.LOCK_EX)
        if not (directory / "server.json").exists():
            _start_guard(kind, directory, durable, deadline)
    found = json.loads((directory / "server.json").read_text())
    return Running(url=found["url"], pid=found["pid"])


def release(directory: Path) -> None:
    """Stop using a server before this process ends, and wait until it is gone if we were last."""
    _held.pop(directory).close()
    deadline = time.monotonic() + 10
    while directory.exists() and time.monotonic() < deadline:
        time.sleep(0.02)


def _hold(directory: Path) -> bool:
    """Take the shared lock; False when the directory was removed under our hands."""
    if directory in _held:
        return True
    try:
        directory.mkdir(mode=0o755, parents=True, exist_ok=True)
        users = (directory / "users").open("a")
    except FileNotFoundError:
        return False
    if directory.stat().st_uid != os.getuid():
        raise ServerDidNotStart(f"{directory} belongs to somebody else")
    fcntl.flock(users, fcntl.LOCK_SH)
    with suppress(FileNotFoundError):
        if os.path.samestat(os.fstat(users.fileno()), os.stat(directory / "users")):
            _held[directory] = users
            return True
    users.close()
    return False


def _start_guard(kind: str, directory: Path, durable: bool, deadline: float) -> None:
    command = [sys.executable, "-m", "tests.support.guarded", kind, str(directory)]
    with (directory / "guard.log").open("wb") as log:
        guard = subprocess.Popen(
            [*command, "durable" if durable else "fast"],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    while not (directory / "server.json").exists():
        if guard.poll() is not None or time.monotonic() > deadline:
            raise ServerDidNotStart(f"{kind}:\n{(directory / 'guard.log').read_text()}")
        time.sleep(0.02)
    guard.returncode = 0  # it outlives us on purpose; nobody shall warn about it


def die_with_parent(stop: signal.Signals) -> Callable[[], None] | None:
    """Have the kernel stop the server when its guard is killed (Linux only)."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl
    return lambda: prctl(PR_SET_PDEATHSIG, int(stop))


def _guard(kind: str, directory: Path, *, durable: bool) -> None:
    module = importlib.import_module(f"tests.support.{kind}")
    launch: Launch = module.launch(directory, durable)
    with (directory / "server.log").open("wb") as log:
        server = subprocess.Popen(
            launch.command,
            cwd=directory,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            preexec_fn=die_with_parent(launch.stop_signal),
            **({} if launch.user is None else unprivileged()),
        )
    # A killed one shall be gone: where its process id is still known, none can start after it.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    try:
        _wait_until_ready(module.ping, launch.url, server, directory / "server.log")
        found = directory / "server.json.new"
        found.touch(mode=0o600)
        found.write_text(json.dumps({"url": launch.url, "pid": server.pid}))
        found.rename(directory / "server.json")
        with (directory / "users").open("a") as users:
            fcntl.flock(users, fcntl.LOCK_EX)
            stop(server, launch.stop_signal)
            shutil.rmtree(directory)
            if directory.parent.name.startswith(PREFIX):
                with suppress(OSError):  # a server of another kind still lives there
                    directory.parent.rmdir()
    finally:
        stop(server, launch.stop_signal)


def _wait_until_ready(
    ping: Callable[[str], Exception | None],
    url: str,
    server: "subprocess.Popen[bytes]",
    log: Path,
) -> None:
    deadline = time.monotonic() + START_TIMEOUT
    while (error := ping(url)) is not None:
        if server.poll() is not None or time.monotonic() > deadline:
            raise ServerDidNotStart(f"{error}\n{log.read_text()}")
        time.sleep(0.02)


def stop(server: "subprocess.Popen[bytes]", how: signal.Signals) -> None:
    if server.poll() is not None:
        return
    server.send_signal(how)
    try:
        server.wait(10)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


if __name__ == "__main__":
    _guard(sys.argv[1], Path(sys.argv[2]), durable=sys.argv[3] == "durable")
