"""Steps that are asked for over REST, of a server whose database is lost meanwhile."""

import json
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from django.db import connections

from tests.journey.killing import AFTER, FILES, Steps
from tests.support.service import ROOT
from tests.support.serving import Server, processes

CODE = ("api", "domain", "infrastructure", "projections", "manage.py", "pyproject.toml")
LOST = ("database_lost", "database_unavailable", "cannot_save")
"""On a disk that is full it can be the snapshot that finds no room first."""
LONGEST = {"cut_over": 4.0, "roll_back": 1.5}
"""Seconds within which the database is lost."""
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


class Answer(NamedTuple):
    status: int
    body: Any


class RestSteps:
    """A server for `steps`, whose files are below a checkout of its own."""

    def __init__(self, steps: Steps, server: Server, checkout: Path, token: str) -> None:
        self.steps = steps
        self.server = server
        self.files = checkout / "var" / "consolidation"
        self.token = token

    def take(self, step: str) -> Answer:
        """Ask for a step whose database stays."""
        return self._answer(self._ask(step))

    def lost_after(self, step: str, seconds: float) -> Answer:
        """Ask for a step whose database is lost after so many seconds, or once it was answered.

        Afterwards the database is there again.
        """
        asked = self._ask(step)
        with suppress(subprocess.TimeoutExpired):
            asked.wait(seconds)
        with self.steps.without_a_database(self.server.process):
            return self._answer(asked)

    def lost_again_and_again(self, times: int, chance: Random) -> Counter[int]:
        """Steps by turns, each whole or undone afterwards; how often each status came."""
        statuses = Counter[int]()
        for number in range(times):
            before = self.steps.state()
            step = "roll_back" if before == "cut_over" else "cut_over"
            self.steps.write()
            came = self.lost_after(step, chance.uniform(0.1, LONGEST[step]))
            statuses[came.status] += 1
            assert came.status in (200, 503), came
            self.assert_only_named_files()
            state = self.steps.state()
            assert state in (before, AFTER[step])
            if came.status == 200:
                assert state == AFTER[step]
            else:
                assert came.body["code"] in LOST, came
                assert "\n" not in came.body["detail"]
            if number % 10 == 9:
                assert self.steps.checked_state() == state
        assert self.take("roll_back" if self.steps.state() == "cut_over" else "cut_over")[0] == 200
        self.assert_only_named_files()
        self.steps.checked_state()
        self.steps.assert_nothing_left()
        return statuses

    def assert_only_named_files(self) -> None:
        """Every file that a step left is one that the log names."""
        history = self.steps.run("consolidation", "--json").json["history"]
        named = {one[key] for one in history for key in FILES if one.get(key)}
        for file in self.files.iterdir() if self.files.exists() else ():
            assert sha256(file.read_bytes()).hexdigest() in named, file

    def _ask(self, step: str) -> "subprocess.Popen[str]":
        """In a process of its own, so that its answer can be awaited."""
        connections.close_all()
        address = f"{self.server.address}/api/v1/consolidation/{step}/"
        return subprocess.Popen(
            [sys.executable, "-c", ASK, address, self.token], stdout=subprocess.PIPE, text=True
        )

    def _answer(self, asked: "subprocess.Popen[str]") -> Answer:
        said, _ = asked.communicate(timeout=300)
        status, body = json.loads(said)
        assert body.startswith("{"), (status, body[:300])
        return Answer(status, json.loads(body))


@contextmanager
def over_rest(steps: Steps, folder: Path) -> Iterator[RestSteps]:
    """Serve these steps from a checkout below this folder."""
    checkout = folder / "checkout"
    checkout.mkdir()
    for name in CODE:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, checkout / name)
    made = steps.run("accounts", "create", "mia", "--role=migrator", "--token", "--json")
    stage = steps.stage
    with processes(
        stage.service, source=stage.host, cwd=checkout, env=stage.environment, log="critical"
    ) as server:
        yield RestSteps(steps, server, checkout, made.json["accounts"][0]["new_token"])
