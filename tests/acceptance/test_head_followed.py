"""Server and worker keep the head file, and an older copy of the database is noticed by it."""

import json
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connections

from infrastructure.event_store.codec import new_event
from infrastructure.event_store.log import Log
from tests.builders import requested
from tests.support import service
from tests.support.serving import serving

PATIENCE = 60.0
"""Seconds after which a file that was not written never will be."""


@contextmanager
def worker(database: str, env: dict[str, str]) -> Iterator[None]:
    process = service.start("project", "--follow", database=database, env=env)
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate()


def kept_at(file: Path, position: int) -> bool:
    """Whether the file comes to name this position."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if file.exists() and json.loads(file.read_bytes())["position"] == position:
            return True
        time.sleep(0.1)
    return False


@pytest.mark.parametrize("process", [serving, worker], ids=["server", "worker"])
def test_what_was_appended_while_it_runs_is_soon_remembered(
    database: str, tmp_path: Path, process: object
):
    file = tmp_path / "head.json"
    env = {"DEBUG": "1", "HEAD_FILE": str(file)}
    Log().append([new_event(requested(1))])
    with process(database, env=env):  # type: ignore[operator]
        assert kept_at(file, 1)
        Log().append([new_event(requested(2)), new_event(requested(3))])
        assert kept_at(file, 3)


@pytest.mark.parametrize("vendor", ["sqlite"])
def test_an_older_copy_of_the_file_put_back_takes_no_event(database: str, tmp_path: Path):
    env = {"DEBUG": "1", "HEAD_FILE": str(tmp_path / "head.json")}
    file, copy = Path(database.removeprefix("sqlite:///")), tmp_path / "copy.sqlite3"
    Log().append([new_event(requested(number)) for number in (1, 2, 3)])
    connections.close_all()
    shutil.copyfile(file, copy)
    Log().append([new_event(requested(number)) for number in (4, 5)])
    connections.close_all()
    service.run("rebuild", database=database, env=env)  # a command that keeps the head
    shutil.copyfile(copy, file)
    done = service.run(
        "import_host", "--source", f"sqlite:///{tmp_path}/host", database=database, env=env,
        check=False,
    )  # fmt: skip
    assert done.code == 2
    assert "ends at position 3, and HEAD_FILE remembers position 5" in done.err
    found = service.run("verify_log", "--json", database=database, env=env, check=False)
    assert (found.code, found.json["findings"][0]["code"]) == (1, "log_lost_events")
    assert found.err.startswith("Warning: ")
