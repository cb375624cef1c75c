"""The client in a process of its own, and what is in its spool."""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.support import forked
from tests.support.forked import Process
from tests.support.service import Result

NOWHERE = "http://127.0.0.1:9"
"""Where no service answers: the port of a protocol that nobody uses."""
OURS = ("RESTORELOG_", "XDG_", "DJANGO_", "DATABASE_URL", "SOURCE_DATABASE_URL")


def environment(
    folder: Path, url: str = NOWHERE, token: str = "none", **more: str
) -> dict[str, str]:
    """What a server's environment has for the client: nothing of the tests, nothing of a home."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    return {
        **inherited,
        "HOME": str(folder),
        "RESTORELOG_SPOOL": str(folder / "spool"),
        "RESTORELOG_URL": url,
        "RESTORELOG_TOKEN": token,
        **more,
    }


def restorelog(*words: str, env: Mapping[str, str], check: bool = False) -> Result:
    """Run `restorelog WORDS`."""
    done = forked.run(["-m", "api.client", *words], env=env)
    parsed = None
    if "--json" in words and done.stdout:
        parsed = json.loads(done.stdout)
    result = Result(done.returncode, done.stdout, done.stderr, parsed)
    assert not check or result.code == 0, result
    return result


def start(*words: str, env: Mapping[str, str], **files: Any) -> Process:
    """Start `restorelog WORDS` and return at once."""
    return forked.start(["-m", "api.client", *words], env=env, **files)


def spooled(folder: Path) -> list[list[dict[str, Any]]]:
    """The events of each file of the spool, the oldest first."""
    files = sorted((folder / "spool").glob("*.ndjson"), key=lambda file: file.stat().st_mtime_ns)
    return [events_of(file) for file in files]


def events_of(file: Path) -> list[dict[str, Any]]:
    lines = map(json.loads, file.read_text().splitlines())
    return [line for line in lines if "sequence" in line]


def commands_of(events: Sequence[Mapping[str, Any]]) -> list[str]:
    return [event["command"] for event in events]
