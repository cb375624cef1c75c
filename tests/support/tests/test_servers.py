"""The servers that the tests start: real, separate per database, gone with their last user."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support import guarded, postgres, raw

USE_A_DATABASE = """
from tests.support import postgres
print(postgres.fresh_database(), postgres.server().pid, flush=True)
input()
"""


def test_a_fresh_database_is_a_postgresql_of_its_own() -> None:
    one, other = postgres.fresh_database(), postgres.fresh_database()
    raw.execute(one, "CREATE TABLE here (id integer)")
    assert raw.value(one, "SELECT count(*) FROM here") == 0
    assert raw.value(other, "SELECT to_regclass('here')") is None
    assert raw.value(one, "SHOW server_version").startswith("18.")


def test_a_database_can_be_copied() -> None:
    original = postgres.fresh_database()
    raw.execute(original, "CREATE TABLE here AS SELECT 7 AS seven")
    assert raw.rows(postgres.fresh_database(template=original), "SELECT * FROM here") == [(7,)]


def test_a_private_server_can_sync_to_disk_and_is_gone_afterwards() -> None:
    with postgres.private_server(durable=True) as server:
        assert raw.value(server.url, "SHOW fsync") == "on"
        assert server.pid != postgres.server().pid
    _wait_until(lambda: not _lives(server.pid))


@pytest.fixture
def session() -> Iterator[Path]:
    """A folder that a server's own user can reach too, which pytest's `tmp_path` is not."""
    with tempfile.TemporaryDirectory(prefix=guarded.PREFIX) as folder:
        Path(folder).chmod(0o755)
        yield Path(folder, "session")


def test_no_server_outlives_a_session_that_was_killed(session: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", USE_A_DATABASE],
        cwd=guarded.ROOT,
        env={**os.environ, guarded.SESSION: str(session)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        url, pid = process.stdout.readline().split()
        assert raw.value(url, "SELECT 1") == 1
        process.send_signal(signal.SIGKILL)
    _wait_until(lambda: not _lives(int(pid)) and not (session / "postgres").exists())


def test_no_server_outlives_its_guard(session: Path) -> None:
    if sys.platform != "linux":
        pytest.fail("only Linux ends a server with its guard; on others this is not promised")
    running = guarded.use("postgres", session / "postgres")
    guard = int(Path(f"/proc/{running.pid}/stat").read_text().rsplit(")")[1].split()[1])
    os.kill(guard, signal.SIGKILL)
    _wait_until(lambda: not _lives(running.pid))


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")")[1]
    except (ProcessLookupError, FileNotFoundError):  # it may also end between the two
        return False
    return not state.startswith(" Z")


def _wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, "still there after 20 seconds"
        time.sleep(0.05)
