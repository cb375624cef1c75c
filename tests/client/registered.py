"""Registers backups and restores them by `run_restore --backup`, in this process."""

import io
import json
import os
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pytest

from api.client.commands.command_line import main
from api.client.delivery import deliver_all
from api.management.local_transport import LocalTransport, local_spool
from tests.client.support import NOWHERE, events_of
from tests.support import here, raw
from tests.support.service import Result

TABLES = ("system_backups_restorelog", "database_management_restorelog")
WHOLE = ["Requested", "Started", "Completed", "Validated"]
"""The topics of a restore that was checked."""


def share_a_spool(folder: Path, patched: pytest.MonkeyPatch) -> None:
    """One spool for both programs; no service answers the client, so that it spools all it does."""
    patched.setenv("RESTORELOG_SPOOL", str(folder / "spool"))
    patched.setenv("RESTORELOG_URL", NOWHERE)
    patched.setenv("RESTORELOG_TOKEN", "none")


def register(path: Path, *more: str) -> dict[str, Any]:
    """`restorelog backup register`; what it has to tell the log."""
    out = io.StringIO()
    with redirect_stdout(out):
        code = main(["backup", "register", "--name=nightly", f"--path={path}", "--json", *more])
    assert code == 0
    backup = json.loads(out.getvalue())["backup_id"]
    (event,) = events_of(Path(os.environ["RESTORELOG_SPOOL"]) / f"{backup}.ndjson")
    body: dict[str, Any] = event["body"]
    return body


def registered(path: Path, *more: str) -> str:
    """A backup that the log knows; its UUID."""
    backup = str(register(path, *more)["backup_id"])
    assert deliver_all(local_spool(), LocalTransport("ada")).recorded == [backup]
    return backup


def run(backup: str, *words: str) -> Result:
    return here.run(
        "run_restore", "--name=orders", f"--backup={backup}", "--json", *words, check=False
    )


def topics(done: Result) -> list[str]:
    assert done.json is not None, done
    trail = here.run("audit", done.json["restore_id"], "--json").json["events"]
    told = [event["topic"].removeprefix("restore.") for event in trail]
    return [topic for topic in told if topic != "Progressed"]


def newest(database: str, columns: str, table: str = TABLES[0]) -> tuple[Any, ...]:
    return raw.rows(database, f"SELECT {columns} FROM {table} ORDER BY id DESC LIMIT 1")[0]
