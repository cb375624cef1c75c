"""The service as its users run it: `manage.py` in a process of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[2]
NOT_INHERITED = ("DJANGO_SETTINGS_MODULE", "DATABASE_URL", "SOURCE_DATABASE_URL")


class Result(NamedTuple):
    """What a command left: its exit code, both outputs, and stdout as JSON if it is JSON."""

    code: int
    out: str
    err: str
    json: Any


def run(
    *args: str,
    database: str | None = None,
    source: str | None = None,
    env: Mapping[str, str] | None = None,
    check: bool = True,
    stdin: str | None = None,
    timeout: float = 600,
) -> Result:
    """Run `manage.py ARGS` and wait for it.

    `database` and `source` set DATABASE_URL and SOURCE_DATABASE_URL; neither these nor the
    settings module of the tests are inherited. With `check`, any exit code but 0 is an
    AssertionError that shows both outputs.
    """
    done = subprocess.run(
        command(*args),
        cwd=ROOT,
        env=environment(database=database, source=source, env=env),
        input="" if stdin is None else stdin,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=timeout,
    )
    result = Result(done.returncode, done.stdout, done.stderr, _parsed(done.stdout))
    if check and result.code != 0:
        raise AssertionError(
            f"manage.py {' '.join(args)} exited with {result.code}\n"
            f"--- stdout\n{result.out}\n--- stderr\n{result.err}"
        )
    return result


def start(
    *args: str,
    database: str | None = None,
    source: str | None = None,
    env: Mapping[str, str] | None = None,
) -> "subprocess.Popen[str]":
    """Start `manage.py ARGS` and return at once; for followers, servers and tests that kill."""
    return subprocess.Popen(
        command(*args),
        cwd=ROOT,
        env=environment(database=database, source=source, env=env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )


def run_python(module: str, *args: str, database: str) -> None:
    """Run `python -m MODULE ARGS` on this database, in a process of its own."""
    subprocess.run(
        [sys.executable, "-m", module, *args],
        cwd=ROOT,
        env=environment(database=database, source=None, env={"DEBUG": "1"}),
        check=True,
        timeout=600,
    )


def command(*args: str) -> list[str]:
    """The command line of the service."""
    return [sys.executable, str(ROOT / "manage.py"), *args]


def environment(
    *, database: str | None, source: str | None, env: Mapping[str, str] | None
) -> dict[str, str]:
    """This process's environment without what the tests set for themselves, plus what is given."""
    result = {k: v for k, v in os.environ.items() if k not in NOT_INHERITED}
    if database is not None:
        result["DATABASE_URL"] = database
    if source is not None:
        result["SOURCE_DATABASE_URL"] = source
    result.update(env or {})
    return result


def _parsed(out: str) -> Any:
    try:
        return json.loads(out)
    except ValueError:
        return None
