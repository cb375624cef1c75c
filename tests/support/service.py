"""The service as its users run it: `manage.py` in a process of its own."""

import json
import os
import sys
from collections.abc import Mapping
from typing import Any, NamedTuple

from tests.support import forked
from tests.support.forked import ROOT as ROOT
from tests.support.forked import Process

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
    done = forked.run(
        command(*args)[1:],
        env=environment(database=database, source=source, env=env),
        stdin="" if stdin is None else stdin,
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
) -> Process:
    """Start `manage.py ARGS` and return at once; for followers and tests that kill."""
    return forked.start(
        command(*args)[1:], env=environment(database=database, source=source, env=env)
    )


def run_python(module: str, *args: str, database: str) -> None:
    """Run `python -m MODULE ARGS` on this database, in a process of its own."""
    given = environment(database=database, source=None, env={"DEBUG": "1"})
    forked.run(["-m", module, *args], env=given).check_returncode()


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
