"""Databases that are made once and then copied, by all the processes of a test session."""

import fcntl
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.support import postgres, raw

FOLDER = "RESTORE_LOG_TEST_MADE"
"""Names the session's folder to the processes that it starts."""


def is_ready() -> bool:
    """Is there a session, and so somewhere to keep what is made?"""
    return FOLDER in os.environ


def made_once(name: str, make: Callable[[Path], dict[str, Any]]) -> dict[str, Any]:
    """What `make` says it has made in its folder; called by whichever process comes first."""
    folder = Path(os.environ[FOLDER], name)
    folder.mkdir(exist_ok=True)
    said = folder / "made.json"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not said.exists():
            said.write_text(json.dumps(make(folder)))
    made: dict[str, Any] = json.loads(said.read_text())
    return made


def copy(model: str, url: str) -> None:
    """Have the database at `url` hold what the one at `model` holds; both are of the same kind.

    Nobody is connected to either. On PostgreSQL the one at `url` exists already.
    """
    if url.startswith("sqlite:"):
        shutil.copyfile(_path(model), _path(url))
    else:
        postgres.server().replace_database(url, template=model)


def is_new(url: str) -> bool:
    """Is this an empty database, and a copy of another like any that the tests make?"""
    if url.startswith("sqlite:///"):
        return not Path(_path(url)).exists()
    if not url.startswith(postgres.server().url.rpartition("/")[0]):
        return False
    empty = (
        "SELECT pg_encoding_to_char(encoding) = 'UTF8' AND NOT EXISTS"
        " (SELECT 1 FROM pg_class WHERE relnamespace = 'public'::regnamespace)"
        " FROM pg_database WHERE datname = current_database()"
    )
    return bool(raw.value(url, empty))


def _path(url: str) -> str:
    return url.removeprefix("sqlite:///")
