"""Runs one measure in a process of its own."""

import json
import subprocess
import sys
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
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.measures", measure, json.dumps(arguments)],
        cwd=ROOT,
        env=environment(database=database, source=None, env=AS_IN_PRODUCTION),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode != 0:
        raise MeasureFailed(f"{measure}: {done.stderr}")
    result: dict[str, Any] = json.loads(done.stdout)
    return result
