"""The client and the real service: what happens to a restore is in both tables and the trail."""

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from api.client.archive import build
from api.client.commands import command_line
from tests.client.postgresql import PostgreSQL
from tests.client.secret_cases import CASES, SecretCase
from tests.client.support import NOWHERE, Service, environment, restorelog, spooled, start
from tests.support import postgres, raw
from tests.support.copying import made_once
from tests.support.service import ROOT

LIFE = ["Requested", "Started", "Completed"]


def run(service: Service, folder: Path, *words: str, **more: str) -> Any:
    """`restorelog run --json WORDS`: what it printed."""
    done = restorelog("run", "--json", *words, env=service.environment(folder, **more))
    assert done.json is not None, done.err
    return done.json


def test_a_restore_is_at_once_in_both_tables_and_in_the_trail(service: Service, tmp_path: Path):
    script = "echo 'warning: one'; echo restorelog progress 50% loading; echo two >&2"
    told = run(
        service, tmp_path, "--name=orders", "--target=orders_new", "--attribute=ticket=OPS-17",
        "--check=echo 4 tables", "--on-behalf-of=ada", "--", "sh", "-c", script,
    )  # fmt: skip
    assert told == {
        "restore_id": told["restore_id"], "status": "completed", "exit_code": 0, "recorded": True,
    }  # fmt: skip
    assert spooled(tmp_path) == []
    assert service.topics(told["restore_id"]) == [
        *("Requested", "Started", "Progressed", "Completed", "Validated"),
    ]
    row = service.get(f"restores/{told['restore_id']}/")
    assert (
        row.items()
        >= {
            "name": "orders",
            "status": "completed",
            "target_database": "orders_new",
            "validation": "passed",
            "warnings_count": 1,
            "attributes": {"ticket": "OPS-17"},
            "created_by_username": "backup-robot",
        }.items()
    )
    mark = "?" if service.database.startswith("sqlite") else "%s"
    for table in ("system_backups_restorelog", "database_management_restorelog"):
        (status,) = raw.rows(
            service.database,
            f"SELECT name, status FROM {table} WHERE id = {mark}",
            [row["id"]],
        )
        assert status == ("orders", "completed")
    (ended,) = [
        event for event in service.get(f"restores/{told['restore_id']}/events/")["results"]
        if event["topic"] == "restore.Completed"
    ]  # fmt: skip
    assert "warning: one" in ended["state"]["output"]
    assert ended["on_behalf_of"] == "ada"


@pytest.mark.parametrize(
    ("words", "code", "status", "topic"),
    [
        (["sh", "-c", "echo no space left >&2; exit 3"], 3, "failed", "Failed"),
        (["sh", "-c", "kill -9 $$"], 137, "failed", "Failed"),
        (["/nowhere/pg_restore"], 125, "failed", "Failed"),
    ],
)
def test_a_failure_is_recorded_with_its_reason(
    service: Service, tmp_path: Path, words: list[str], code: int, status: str, topic: str
):
    told = run(service, tmp_path, "--name=orders", "--", *words)
    assert (told["exit_code"], told["status"], told["recorded"]) == (code, status, True)
    row = service.get(f"restores/{told['restore_id']}/")
    assert row["status"] == status
    assert row["message"]
    assert service.topics(told["restore_id"])[-1] == topic


def test_the_service_away_for_longer_than_the_silence_is_told_of_it_once_afterwards(
    service: Service, tmp_path: Path
):
    env = service.environment(tmp_path)
    done = tmp_path / "done"
    script = f"echo begun; while ! test -e {done}; do sleep 0.05; done"
    process = start("run", "--name=away", "--", "sh", "-c", script, env=env)
    assert process.stdout is not None
    assert process.stdout.readline() == "begun\n"
    watched(service, "away")
    service.stop()
    time.sleep(service.silence)
    done.touch()
    _, said = process.communicate(60)
    assert process.wait() == 0
    assert "of this restore wait in" in said
    assert restorelog("send", env=env).code == 2
    service.start()
    assert restorelog("send", env=env, check=True).out.endswith("is recorded.\n")
    (row,) = [row for row in service.restores().values() if row["name"] == "away"]
    assert row["status"] == "completed"
    assert service.topics(row["restore_id"]) == LIFE
    assert restorelog("send", env=env, check=True).out == ""
    assert service.topics(row["restore_id"]) == LIFE


def test_what_waits_is_sent_at_the_next_run(service: Service, tmp_path: Path):
    away = {**service.environment(tmp_path), "RESTORELOG_URL": "http://127.0.0.1:9"}
    restorelog("run", "--name=first", "--", "true", env=away)
    (waiting,) = spooled(tmp_path)
    assert len(waiting) == 3
    (file,) = (tmp_path / "spool").glob("*.ndjson")
    script = f"while test -e {file}; do sleep 0.05; done"
    run(service, tmp_path, "--name=second", "--", "sh", "-c", script)
    assert spooled(tmp_path) == []
    names = [row["name"] for row in service.restores().values()]
    assert (names.count("first"), names.count("second")) == (1, 1)


def test_a_wrapper_that_is_killed_leaves_no_restore_in_progress(service: Service, tmp_path: Path):
    env = service.environment(tmp_path)
    process = start("run", "--name=killed", "--", "sh", "-c", "echo $$; exec sleep 600", env=env)
    assert process.stdout is not None
    process.stdout.readline()
    restore_id = watched(service, "killed")
    process.kill()
    process.communicate()
    time.sleep(service.silence)
    assert restore_id in service.manage("mark_interrupted", "--json").json["restores"]
    # The spool says so too, later, if the machine is still there.
    restorelog("send", env=env, check=True)
    assert service.get(f"restores/{restore_id}/")["status"] == "failed"
    assert service.topics(restore_id) == ["Requested", "Started", "Failed"]
    assert spooled(tmp_path) == []


def test_a_wrapper_that_was_stopped_for_longer_than_the_silence_tells_the_outcome_after_all(
    service: Service, tmp_path: Path
):
    env, done = service.environment(tmp_path), tmp_path / "done"
    script = f"echo begun; while ! test -e {done}; do sleep 0.05; done"
    process = start("run", "--name=stopped", "--", "sh", "-c", script, env=env)
    assert process.stdout is not None
    process.stdout.readline()
    restore_id = watched(service, "stopped")
    process.send_signal(signal.SIGSTOP)
    time.sleep(service.silence)
    assert restore_id in service.manage("mark_interrupted", "--json").json["restores"]
    done.touch()
    process.send_signal(signal.SIGCONT)
    process.communicate()
    assert service.get(f"restores/{restore_id}/")["status"] == "completed"
    assert service.topics(restore_id) == ["Requested", "Started", "Failed", "Completed"]


def watched(service: Service, name: str) -> str:
    """Wait until the service has a heartbeat of the restore with this name; its UUID."""
    while True:
        for restore_id, row in service.restores().items():
            if row["name"] == name and row["status"] == "in_progress":
                with suppress(urllib.error.HTTPError):  # 404: there is none yet
                    service.get(f"restores/{restore_id}/heartbeat/")
                    return restore_id
        time.sleep(0.05)


def test_a_service_that_is_killed_loses_and_doubles_nothing(service: Service, tmp_path: Path):
    env = service.environment(tmp_path)
    script = "for n in 1 2 3 4 5 6; do echo $n; sleep 0.2; done"
    process = start("run", "--name=service killed", "--json", "--", "sh", "-c", script, env=env)
    assert process.stderr is not None
    assert process.stderr.readline() == "1\n"
    service.kill()
    service.start()
    out, _ = process.communicate(60)
    told = json.loads(out)
    restorelog("send", env=env, check=True)
    assert service.topics(told["restore_id"]) == LIFE
    assert spooled(tmp_path) == []


def test_no_byte_anywhere_has_a_secret(
    service: Service, tmp_path: Path, capfd: pytest.CaptureFixture[str]
):
    """Forty commands, environments, outputs: spool, database, server's log, answers, terminal."""
    away = made_once("secret-cases", partial(shown_of_all, capfd))
    shutil.copytree(Path(away["folder"]) / "spool", tmp_path / "spool")
    waiting = b"".join(file.read_bytes() for file in (tmp_path / "spool").rglob("*.ndjson"))
    assert waiting.count(b'"request"') == len(CASES) == 40
    shown = "".join(away["shown"])
    restorelog("send", env=service.environment(tmp_path), check=True)
    assert spooled(tmp_path) == []
    for case in CASES[::8]:  # and without a detour
        shown += shown_of(case, tmp_path, service.environment(tmp_path), capfd)
    answers = json.dumps([service.restores(), service.get("audit/events/?page_size=1000")])
    assert answers.count("case of ") > 2 * len(CASES)
    stored = everything_in(service.database)
    for place in (waiting, shown.encode(), answers.encode(), stored, service.log.read_bytes()):
        for case in CASES:
            assert case.secret.encode() not in place, case
        assert service.token.encode() not in place


def shown_of_all(capfd: pytest.CaptureFixture[str], folder: Path) -> dict[str, Any]:
    """Run each case without a service; what was shown of each, beside what waits in the spool."""
    env = environment(folder)
    return {
        "folder": str(folder),
        "shown": [shown_of(case, folder, env, capfd) for case in CASES],
    }


def shown_of(
    case: SecretCase, folder: Path, env: Mapping[str, str], capfd: pytest.CaptureFixture[str]
) -> str:
    """Run a case's command, which fails, and return what was shown besides its own output.

    In this process, whose start would take the most time of each.
    """
    words = list(case.words) or ["restore"]
    programs = folder / "bin"
    programs.mkdir(exist_ok=True)
    (folder / "output").write_text(f"{case.output}\n")  # not in the environment: it is looked at
    (programs / words[0]).write_text(f"#!/bin/sh\ncat {folder}/output; exit 1\n")
    (programs / words[0]).chmod(0o755)
    given = {**env, **case.environment, "PATH": f"{programs}:{os.environ['PATH']}"}
    with pytest.MonkeyPatch.context() as patched:
        for name, value in given.items():
            patched.setenv(name, value)
        name = f"--name=case of {words[0]}"
        assert command_line.main(["run", name, "--json", "--", *words]) == 1
    out, err = capfd.readouterr()
    return out + err.replace(case.output, "")


def everything_in(database: str) -> bytes:
    """Every value of every table."""
    names = (
        "SELECT name FROM sqlite_master WHERE type = 'table'"
        if database.startswith("sqlite")
        else "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables"
        " WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
    )
    cells = []
    for (name,) in raw.rows(database, names):
        for row in raw.rows(database, f"SELECT * FROM {name}"):
            cells += [
                bytes(cell) if isinstance(cell, bytes | memoryview) else str(cell).encode()
                for cell in row
            ]
    return b"\0".join(cells)


def test_a_python_block_is_recorded_and_its_exception_goes_on(service: Service, tmp_path: Path):
    build(tmp_path / "restorelog.pyz")
    program = """
import sys; sys.path.insert(0, "restorelog.pyz")
from restorelog import log
with log.restore("from python", target="orders", attributes={"ticket": 17}) as r:
    r.progress(50, "half"); r.warn("odd"); r.output("loaded")
try:
    with log.restore("fails") as r: raise ValueError("token=Zu4eeN01 is wrong")
except ValueError: print("went on")
"""
    env = {"PATH": "/usr/bin:/bin", **service.environment(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env=env, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "went on\n", "")
    rows = {row["name"]: row for row in service.restores().values()}
    assert rows["from python"].items() >= {
        "status": "completed", "warnings_count": 1, "attributes": {"ticket": 17},
    }.items()  # fmt: skip
    assert rows["fails"]["status"] == "failed"
    assert rows["fails"]["message"] == "ValueError: token=*** is wrong"


def test_what_is_over_is_recorded_listed_described_and_followed(service: Service, tmp_path: Path):
    env = service.environment(tmp_path)
    made = restorelog(
        "record", "--name=by hand", "--target=by_hand", "--status=failed",
        "--started=2026-03-01T12:00:00Z", "--ended=2026-03-01T12:20:00Z", "--on-behalf-of=ada",
        env=env, check=True,
    )  # fmt: skip
    restore_id = made.out.strip()
    listed = restorelog("list", "--failed", "--target=by_hand", "--json", env=env, check=True)
    (row,) = listed.json["restores"]
    assert (row["restore_id"], row["duration_seconds"]) == (restore_id, 1200)
    shown = restorelog("list", "--failed", "--target=by_hand", env=env, check=True).out
    assert "20 min 00 s" in shown
    described = restorelog("describe", restore_id, env=env, check=True).out
    assert re.search(r"^Status: +failed$", described, re.M)
    assert "restore.Failed  by backup-robot as ada  " in described
    followed = restorelog("follow", restore_id, env=env, check=True).out
    assert followed.splitlines()[0] == "by hand"
    assert "restore.Failed" in followed
    assert restorelog("describe", "no-such-id", env=env).code == 2
    # The interval is of its end, in the zone that is named.
    asked = ("list", "--target=by_hand", "--json", "--since=2026-03-01 17:50")
    assert restorelog(*asked, "--tz=+05:30", env=env, check=True).json["restores"] == [row]
    assert restorelog(*asked, "--tz=UTC", env=env, check=True).json["restores"] == []
    trail = restorelog("audit", restore_id, env=env, check=True).out
    assert "status: 'in_progress' → 'failed'\n" in trail
    assert re.search(r"completed_at: - → 2026-03-01 \d\d:20:00 ", trail)
    assert "restore_type: - → 'database' (consolidated table)" in trail
    asked = ("audit", "--person=ada", "--last=1h", "--topic=restore.Failed", "--changes")
    (event,) = restorelog(*asked, "--json", env=env, check=True).json["events"]
    assert event["stream_id"] == restore_id
    assert "backup-robot as ada" in restorelog(*asked, env=env, check=True).out
    assert restorelog(*asked, restore_id, env=env).code == 2
    assert restorelog("audit", "--until=2001-01-01", env=env, check=True).out == "No event fits.\n"


def test_the_success_rate_by_target_and_what_was_known_then(service: Service, tmp_path: Path):
    env = service.environment(tmp_path, TZ="Asia/Kolkata")
    asked = ("statistics", "--since=2026-04-01", "--until=2026-04-01", "--by=target")
    positions = []
    for name, status in (("paid", "completed"), ("due", "failed")):
        restorelog(
            "record", "--name=counted", f"--target={name}", f"--status={status}",
            "--started=2026-04-01T12:00:00Z", "--ended=2026-04-01T12:20:00Z", env=env, check=True,
        )  # fmt: skip
        found = restorelog(*asked, "--json", env=env, check=True).json
        assert found["interval"]["tz"] == "Asia/Kolkata"
        positions.append(found["position"])
    shown = restorelog(*asked, "--backups", env=env, check=True).out
    rates = {words[0]: words[2] for words in map(str.split, shown.splitlines()) if len(words) > 9}
    assert "TARGET DATABASE" in shown
    assert [rates[name] for name in ("all", "paid", "due")] == ["50.0%", "100.0%", "0.0%"]
    assert "20 min 00 s" in shown
    assert "ackups" in shown
    then = restorelog(*asked, f"--as-of={positions[0]}", env=env, check=True).out
    assert f"As known at position {positions[0]}" in then
    assert ("paid" in then, "due" in then) == (True, False)
    refused = restorelog("statistics", "--since=soon", env=env)
    assert (refused.code, "'soon' is not a time" in refused.err) == (2, True)


def test_a_backup_is_registered_with_size_and_checksum_and_restored(
    service: Service, tmp_path: Path
):
    dump = tmp_path / "orders.dump"
    dump.write_bytes(b"rows" * 1000)
    env = service.environment(tmp_path)
    made = restorelog(
        "backup", "register", "--name=nightly", "--database=orders", "--format=custom",
        f"--path={dump}", "--json", env=env, check=True,
    )  # fmt: skip
    assert made.json["recorded"]
    backup = made.json["backup_id"]
    told = run(service, tmp_path, "--name=x", f"--backup={backup}", "--", "true")
    row = service.get(f"restores/{told['restore_id']}/")
    assert row["target_database"] == "orders"
    (found,) = [
        one for one in service.get("backups/?page_size=1000")["results"] if one["name"] == "nightly"
    ]
    assert (found["id"], found["size_bytes"]) == (row["source_backup"], 4000)


def test_what_the_log_refuses_is_set_aside_and_shown(service: Service, tmp_path: Path):
    env = service.environment(tmp_path)
    missing = "11111111-1111-4111-8111-111111111111"
    done = restorelog("run", "--name=x", f"--backup={missing}", "--", "true", env=env)
    assert done.code == 0
    assert done.err.count("\n") == 1
    assert "The log refused this restore" in done.err
    assert "See: restorelog spool" in done.err
    shown = restorelog("spool", "--json", env=env, check=True).json
    assert shown["waiting"] == []
    (refused,) = shown["refused"]
    assert missing in refused["refusal"]["detail"]
    restorelog("spool", "--discard", refused["stream_id"], env=env, check=True)
    assert restorelog("spool", env=env, check=True).out == ""


def test_a_wrong_token_lets_everything_wait(service: Service, tmp_path: Path):
    env = {**service.environment(tmp_path), "RESTORELOG_TOKEN": "wrong"}
    done = restorelog("run", "--name=x", "--", "true", env=env)
    assert done.code == 0
    assert "does not accept the token" in done.err
    assert len(spooled(tmp_path)) == 1


@pytest.mark.parametrize("page", ["README.md", "docs/how-to/record_from_scripts.md"])
def test_the_page_says_what_works(service: Service, tmp_path: Path, page: str):
    """Shell, Python and a request, as they are written, in an empty folder with the one file."""
    before = set(service.restores())
    build(tmp_path / "restorelog.pyz")
    for name in ("pg_restore", "count-orders"):
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    (tmp_path / ".restorelog-token").write_text(service.token)
    env = {**service.environment(tmp_path), "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    for name in ("RESTORELOG_TOKEN", "RESTORELOG_URL"):
        env.pop(name)
    blocks = re.findall(r"^```(\w+)\n(.*?)^```$", (ROOT / page).read_text(), re.M | re.S)
    script, python, curl = (
        text.replace("https://restorelog.example", service.address) for _, text in blocks
    )
    subprocess.run(["sh", "-ec", script], cwd=tmp_path, env=env, check=True)
    env["RESTORELOG_URL"] = service.address
    env["RESTORELOG_TOKEN_FILE"] = str(tmp_path / ".restorelog-token")
    subprocess.run([sys.executable, "-c", python], cwd=tmp_path, env=env, check=True)
    words = shlex.split(curl)
    headers = dict(words[n + 1].split(": ") for n, word in enumerate(words) if word == "--header")
    headers["Authorization"] = f"Token {service.token}"
    request = urllib.request.Request(
        words[-1], data=words[words.index("--data") + 1].encode(), headers=headers
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        assert answer.status == 201
    rows = [row for key, row in service.restores().items() if key not in before]
    assert [row["status"] for row in rows] == ["completed"] * 3
    names = sorted(row["name"] for row in rows)
    assert names == ["orders, by hand", "orders, weekly test", "orders, weekly test"]


@pytest.mark.parametrize("service", ["sqlite"], indirect=True)
def test_the_page_about_backups_says_what_works(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """A dump is registered, restored beside its database and in its place, as the page shows it."""
    server = PostgreSQL(postgres.server().url)
    server.log_in(monkeypatch)
    url = postgres.fresh_database()
    orders = url.rpartition("/")[2]
    made = ("CREATE TABLE things (id integer)", "INSERT INTO things VALUES (1), (2)")
    server.run(orders, *made)
    build(tmp_path / "restorelog.pyz")
    before, env = set(service.restores()), service.environment(tmp_path)
    page = (ROOT / "docs/how-to/restore_a_backup.md").read_text().replace("orders", orders)
    register, *restores = re.findall(r"^```sh\n(.*?)^```$", page, re.M | re.S)
    assert len(restores) == 2
    said = in_shell(register, tmp_path, env)
    env["BACKUP"] = said.stdout.strip()
    listed = restorelog("backup", "list", f"--database={orders}", env=env, check=True).out
    assert listed.split("\n")[1].split()[0] == env["BACKUP"]
    assert f"  {orders}, nightly\n" in listed
    for script, target in zip(restores, (f"{orders}_test", orders), strict=True):
        server.run(orders, "DELETE FROM things WHERE id = 1")
        said = in_shell(script, tmp_path, env)
        assert said.stdout.endswith(f"{orders}.dump is restored in {target}.\n")
        assert server.run(target, "SELECT id FROM things ORDER BY 1") == [(1,), (2,)]
    rows = [row for key, row in service.restores().items() if key not in before]
    assert sorted(row["target_database"] for row in rows) == [orders, f"{orders}_test"]
    for row in rows:
        assert (row["status"], row["validation"]) == ("completed", "passed")
        assert service.topics(row["restore_id"])[-2:] == ["Completed", "Validated"]
    done = restorelog("run", "--name=x", "--backup=17", env=env)
    assert (done.code, done.err) == (125, "restorelog: There is no backup 17 in the log.\n")
    away = {**env, "RESTORELOG_URL": NOWHERE}
    done = restorelog("run", "--name=x", f"--backup={env['BACKUP']}", env=away)
    assert (done.code, done.err.count("\n")) == (125, 1)
    assert "Not started: only the log knows where the backup is." in done.err
    assert spooled(tmp_path) == []


def in_shell(
    script: str, folder: Path, env: Mapping[str, str]
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["sh", "-ec", script], cwd=folder, env=env, check=True, stdout=subprocess.PIPE, text=True
    )
