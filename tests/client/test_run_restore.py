"""`manage.py run_restore`: the same wrapper, and the log in the same process."""

import os
import pwd
import time
from pathlib import Path
from typing import Any

import pytest

from api.client.commands.command_line import main
from tests.client.registered import register, share_a_spool
from tests.client.support import commands_of, spooled
from tests.support import here, raw, service

SHELL = pwd.getpwuid(os.getuid()).pw_name
TABLES = ("system_backups_restorelog", "database_management_restorelog")


@pytest.fixture(autouse=True)
def spool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RESTORELOG_SPOOL", str(tmp_path / "spool"))


def run(*words: str) -> Any:
    return here.run("run_restore", "--name=orders", "--json", *words, check=False)


def in_tables(database: str) -> list[list[Any]]:
    """The rows of both tables."""
    return [raw.rows(database, f"SELECT name, status, created_by_username FROM {table}")
            for table in TABLES]  # fmt: skip


def test_a_restore_is_in_both_tables_when_the_command_returns(database: str, tmp_path: Path):
    done = run("--actor=ada", "--check=true", "--", "sh", "-c", "echo a warning >&2")
    assert (done.code, done.json["status"], done.json["recorded"]) == (0, "completed", True)
    assert in_tables(database) == [[("orders", "completed", SHELL)]] * 2
    trail = here.run("audit", done.json["restore_id"], "--json").json["events"]
    topics = [event["topic"].removeprefix("restore.") for event in trail]
    assert topics == ["Requested", "Started", "Completed", "Validated"]
    assert {(event["actor"], event["on_behalf_of"]) for event in trail} == {(SHELL, "ada")}
    assert spooled(tmp_path) == []


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--", "sh", "-c", "exit 3"), 3),
        (("--", "sh", "-c", "kill -9 $$"), 137),
        (("--", "/nowhere/pg_restore"), 125),
        (("--check=false", "--", "true"), 122),
    ],
)
def test_the_exit_code_is_the_commands(database: str, words: tuple[str, ...], code: int):
    done = run(*words)
    assert (done.code, done.json["exit_code"]) == (code, code)
    status = "completed" if code == 122 else "failed"
    assert [rows[0][1] for rows in in_tables(database)] == [status] * 2


def test_what_could_not_be_recorded_is_sent_by_the_worker(database: str, tmp_path: Path):
    env = {"DEBUG": "1", "RESTORELOG_SPOOL": str(tmp_path / "spool")}
    gone = f"sqlite:///{tmp_path}/nowhere/gone.sqlite3"
    done = service.run(
        "run_restore", "--name=orders", "--actor=ada", "--", "sh", "-c", "echo restored; exit 4",
        database=gone, env=env, check=False,
    )  # fmt: skip
    assert (done.code, done.out) == (4, "restored\n")
    assert done.err.count("\n") == 1
    assert "3 events of this restore wait in" in done.err
    assert done.err.endswith("To send: manage.py project\n")
    assert [commands_of(one) for one in spooled(tmp_path)] == [["request", "start", "fail"]]
    assert here.run("project").err == ""
    assert in_tables(database) == [[("orders", "failed", SHELL)]] * 2
    assert spooled(tmp_path) == []


@pytest.mark.parametrize("vendor", ["sqlite"], indirect=True)
def test_what_the_client_left_in_the_same_spool_is_sent_by_the_worker_too(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    share_a_spool(tmp_path, monkeypatch)
    times = ("--started=2026-03-01T12:00:00Z", "--ended=2026-03-01T12:20:00Z")
    assert main(["record", "--name=by hand", "--status=failed", *times]) == 0
    (tmp_path / "backup").write_text("-- PostgreSQL database dump complete")
    register(tmp_path / "backup")
    assert here.run("project").err == ""
    assert in_tables(database) == [[("by hand", "failed", SHELL)]] * 2
    backup = "SELECT name, file_path FROM system_backups_backuplog"
    assert raw.rows(database, backup) == [("nightly", str(tmp_path / "backup"))]
    assert spooled(tmp_path) == []


def test_one_that_is_killed_is_recorded_as_failed_by_the_worker_once(database: str, tmp_path: Path):
    env = {"DEBUG": "1", "RESTORELOG_SPOOL": str(tmp_path / "spool")}
    words = ("run_restore", "--name=orders", "--", "sleep", "600")
    process = service.start(*words, database=database, env=env)
    while in_tables(database) != [[("orders", "in_progress", SHELL)]] * 2:
        assert process.poll() is None
        time.sleep(0.05)
    process.kill()
    process.communicate()
    for _ in range(2):
        assert here.run("project").err == ""
        assert in_tables(database) == [[("orders", "failed", SHELL)]] * 2
    events = here.run("audit", "--json").json["events"]
    topics = [event["topic"] for event in events if event["topic"].startswith("restore.")]
    assert topics == ["restore.Requested", "restore.Started", "restore.Failed"]
    assert spooled(tmp_path) == []


def test_with_require_log_nothing_starts_without_the_log(tmp_path: Path):
    env = {"DEBUG": "1", "RESTORELOG_SPOOL": str(tmp_path / "spool")}
    done = service.run(
        "run_restore", "--name=orders", "--require-log", "--", "touch", f"{tmp_path}/done",
        database=f"sqlite:///{tmp_path}/nowhere/gone.sqlite3", env=env, check=False,
    )  # fmt: skip
    assert (done.code, done.err.count("\n")) == (125, 1)
    assert not os.path.exists(tmp_path / "done")
    assert spooled(tmp_path) == []


@pytest.mark.parametrize("vendor", ["sqlite"], indirect=True)
def test_a_dry_run_shows_what_would_be_recorded_without_its_secrets(database: str):
    done = here.run(
        "run_restore", "--name=orders", "--attribute=token=Zu4eeN01", "--dry-run", "--json",
        "--", "mysql", "-uada", "-pZu4eeN02", "orders",
    )  # fmt: skip
    assert done.json == {
        "command": "mysql -uada -p*** orders", "name": "orders", "attributes": {"token": "***"},
    }  # fmt: skip
    assert in_tables(database) == [[], []]
