"""Runs one measure, or another program, in a process of its own."""

import json
import subprocess
import sys
from collections.abc import Mapping
from typing import IO, Any, Protocol

from tests.support.service import ROOT, environment

AS_IN_PRODUCTION = {
    "DEBUG": "",
    "SECRET_KEY": "x" * 50,
    "ALLOWED_HOSTS": "localhost",
    "ALLOW_NO_HEAD_FILE": "1",
}
"""With DEBUG, Django would write every statement down; the plan's host does not either."""


class MeasureFailed(RuntimeError):
    """A measure did not end well; the message is what it said on stderr."""


def run(measure: str, database: str, **arguments: Any) -> dict[str, Any]:
    """What a measure of `tests.bench.measures` found, on the service's database at this URL."""
    done = fresh_python(
        ["-m", "tests.bench.measures", measure, json.dumps(arguments)],
        env=environment(database=database, source=None, env=AS_IN_PRODUCTION),
    )
    if done.returncode != 0:
        raise MeasureFailed(f"{measure}: {done.stderr}")
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def client(module: str, *arguments: object, given: object) -> dict[str, Any]:
    """What a program of clients printed, which has `given` on its stdin, both as JSON."""
    done = fresh_python(
        ["-m", module, *map(str, arguments)],
        env=environment(database=None, source=None, env={}),
        stdin=json.dumps(given),
    )
    if done.returncode != 0:
        raise MeasureFailed(f"{module}: {done.stderr}")
    result: dict[str, Any] = json.loads(done.stdout)
    return result


class Server(Protocol):
    """A process that goes on until it is told to end."""

    pid: int

    def poll(self) -> int | None: ...
    def terminate(self) -> None: ...
    def wait(self) -> int: ...


def start_python(
    arguments: list[str],
    *,
    env: Mapping[str, str],
    stdin: IO[str] | None = None,
    stdout: IO[str] | None = None,
) -> Server:
    """Start `python ARGUMENTS`; what is not given it has from us."""
    return subprocess.Popen(
        [sys.executable, *arguments], cwd=ROOT, env=dict(env), stdin=stdin, stdout=stdout
    )


def fresh_python(
    arguments: list[str], *, env: Mapping[str, str], stdin: str = ""
) -> "subprocess.CompletedProcess[str]":
    """Run `python ARGUMENTS` in a process that has nothing yet, and wait for it."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=env,
        input=stdin,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
