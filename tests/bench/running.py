"""Runs one measure, or another program, in a process of its own."""

import json
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

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


def fresh_python(
    arguments: list[str], *, env: Mapping[str, str]
) -> "subprocess.CompletedProcess[str]":
    """Run `python ARGUMENTS` in a process that has nothing yet, and wait for it."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
