"""A step over REST that loses its database answers with 200 or 503, and leaves no file behind."""

import json
import random
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from tests.journey.killing import Steps, small_steps
from tests.support import raw
from tests.support.postgres import free_port
from tests.support.service import ROOT, environment

CODE = ("api", "domain", "infrastructure", "projections", "manage.py", "pyproject.toml")
CUTS = 10
END = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


@pytest.fixture
def steps(
    templates: dict[str, str], tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Steps]:
    with small_steps(tmp_path_factory, templates, "postgresql", tmp_path) as made:
        yield made


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout of its own, since the service writes its files below it."""
    folder = tmp_path / "checkout"
    folder.mkdir()
    for name in CODE:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, folder / name)
    return folder


@contextmanager
def serving(checkout: Path, steps: Steps) -> Iterator[str]:
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "infrastructure.asgi:application",
               "--host=127.0.0.1", f"--port={port}", "--log-level=critical"]  # fmt: skip
    env = environment(
        database=steps.stage.service, source=steps.stage.host, env=steps.stage.environment
    )
    server = subprocess.Popen(
        command, cwd=checkout, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(600):
            try:
                urllib.request.urlopen(f"{address}/healthz", timeout=5).close()
                break
            except urllib.error.URLError:
                assert server.poll() is None
                time.sleep(0.1)
        yield address
    finally:
        server.terminate()
        server.wait()


class Post:
    """A step that was asked for over REST, in a process of its own, so that it can be awaited."""

    def __init__(self, address: str, token: str, step: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", ASK, f"{address}/api/v1/consolidation/{step}/", token],
            stdout=subprocess.PIPE,
            text=True,
        )

    def answer(self) -> tuple[int, Any]:
        said, _ = self.process.communicate(timeout=300)
        status, body = json.loads(said)
        assert body.startswith("{"), (status, body[:300])
        return status, json.loads(body)


ASK = """
import json, sys, urllib.error, urllib.request
address, token = sys.argv[1:]
headers = {"Authorization": f"Token {token}", "Content-Type": "application/json"}
request = urllib.request.Request(address, b"{}", headers)
try:
    with urllib.request.urlopen(request, timeout=280) as answer:
        print(json.dumps([answer.status, answer.read().decode()]))
except urllib.error.HTTPError as error:
    print(json.dumps([error.code, error.read().decode()]))
"""


def test_a_step_over_rest_whose_connection_is_cut_is_done_or_can_be_asked_for_again(
    steps: Steps, checkout: Path
):
    created = steps.run("accounts", "create", "mia", "--role=migrator", "--token", "--json")
    token = created.json["accounts"][0]["new_token"]
    chance = random.Random(16)
    with serving(checkout, steps) as address:
        for _ in range(CUTS):
            before = steps.state()
            step = "roll_back" if before == "cut_over" else "cut_over"
            after = {"cut_over": "cut_over", "roll_back": "rolled_back"}[step]
            connections.close_all()
            post = Post(address, token, step)
            time.sleep(chance.uniform(0.3, 4))
            raw.rows(steps.stage.service, END)
            status, body = post.answer()
            assert status in (200, 503), body
            state = steps.state()
            assert state in (before, after)
            if status == 200:
                assert state == after
            else:
                assert body["code"] in ("database_lost", "database_unavailable"), body
                assert "\n" not in body["detail"]
            assert_only_named(steps, checkout)
        step = "roll_back" if steps.state() == "cut_over" else "cut_over"
        connections.close_all()
        assert Post(address, token, step).answer()[0] == 200
    assert_only_named(steps, checkout)
    steps.includes()


def assert_only_named(steps: Steps, checkout: Path) -> None:
    """Every file that a step left is one that the log names."""
    history = steps.run("consolidation", "--json").json["history"]
    named = {one[key] for one in history for key in ("certificate", "snapshot") if one.get(key)}
    for file in (checkout / "var" / "consolidation").iterdir():
        assert sha256(file.read_bytes()).hexdigest() in named, file
