"""A restore command under the wrapper: it does what it does without, and its life is recorded."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.client.support import commands_of, environment, events_of, restorelog, spooled, start
from tests.support.service import ROOT

MEGABYTES = 100


def recorded(folder: Path) -> list[dict[str, Any]]:
    """The events of the only restore; the log is away, so all of them are in the spool."""
    (events,) = spooled(folder)
    assert [event["sequence"] for event in events] == list(range(1, len(events) + 1))
    assert [event["body"]["sequence"] for event in events] == list(range(1, len(events) + 1))
    return events


@pytest.mark.parametrize(
    ("script", "options", "code", "commands", "end"),
    [
        ("exit 0", [], 0, ["request", "start", "complete"], {"outcome": "completed"}),
        ("exit 3", [], 3, ["request", "start", "fail"], {"cause": "error", "exit_code": 3}),
        (
            "exit 1", ["--partial-code=1"], 1, ["request", "start", "complete"],
            {"outcome": "partial", "exit_code": 1},
        ),
        (
            "kill -9 $$", [], 137, ["request", "start", "fail"],
            {"cause": "signal", "signal": "SIGKILL", "exit_code": 137},
        ),
        (
            "exit 0", ["--check", "echo counted; exit 0"], 0,
            ["request", "start", "complete", "validate"],
            {"result": "passed", "output": "counted\n", "check": "echo counted; exit 0"},
        ),
        (
            "exit 0", ["--check", "exit 7"], 122, ["request", "start", "complete", "validate"],
            {"result": "failed", "exit_code": 7},
        ),
        ("exit 4", ["--check", "exit 0"], 4, ["request", "start", "fail"], {"exit_code": 4}),
    ],
)  # fmt: skip
def test_the_exit_code_is_the_commands_own_and_the_end_is_recorded(
    script: str,
    options: list[str],
    code: int,
    commands: list[str],
    end: dict[str, Any],
    tmp_path: Path,
):
    env = environment(tmp_path)
    done = restorelog("run", "--name=orders", *options, "--", "sh", "-c", script, env=env)
    assert done.code == code
    events = recorded(tmp_path)
    assert commands_of(events) == commands
    assert events[-1]["body"].items() >= end.items()


def test_what_the_options_say_is_in_the_request(tmp_path: Path):
    restorelog(
        "run", "--name=orders", "--target=orders_new", "--type=database", "--trigger=recovery",
        "--backup=42", "--overwrite", "--attribute=ticket=OPS-17", "--attribute=note=a=b",
        "--message=by hand", "--on-behalf-of=ada", "--", "true",
        env=environment(tmp_path),
    )  # fmt: skip
    request, started, _ = recorded(tmp_path)
    assert (
        request["body"].items()
        >= {
            "name": "orders",
            "target_database": "orders_new",
            "restore_type": "database",
            "trigger_type": "recovery",
            "source_backup": 42,
            "is_overwrite": True,
            "attributes": {"ticket": "OPS-17", "note": "a=b"},
            "message": "by hand",
            "on_behalf_of": "ada",
        }.items()
    )
    assert started["body"]["command"] == "true"


def test_output_passes_and_its_end_is_recorded_with_warnings_counted(tmp_path: Path):
    script = "echo one; echo 'WARNING: two' >&2; echo a warning; seq 1 20000; echo last error: x"
    done = restorelog("run", "--name=orders", "--", "sh", "-c", script, env=environment(tmp_path))
    numbers = "".join(f"{number}\n" for number in range(1, 20001))
    assert done.out == f"one\na warning\n{numbers}last error: x\n"
    assert done.err.startswith("WARNING: two\n")
    body = recorded(tmp_path)[-1]["body"]
    assert body["warnings_count"] == 2
    assert sorted(body["warnings"]) == ["WARNING: two", "a warning"]
    assert "\n19999\n20000\n" in body["output"]
    assert "\nlast error: x\n" in body["output"]
    assert 60_000 < len(body["output"]) <= 65_536


def test_one_line_says_what_is_not_recorded_yet(tmp_path: Path):
    done = restorelog("run", "--name=orders", "--", "true", env=environment(tmp_path))
    (line,) = done.err.splitlines()
    assert "3 events of this restore wait in" in line
    assert "127.0.0.1:9 cannot be reached: Connection refused" in line
    assert line.endswith("To send: restorelog send")


def test_a_command_that_is_not_there_is_recorded_and_ends_with_125(tmp_path: Path):
    done = restorelog("run", "--name=x", "--", "/nowhere/pg_restore", env=environment(tmp_path))
    assert done.code == 125
    assert "/nowhere/pg_restore could not be started: No such file" in done.err
    events = recorded(tmp_path)
    assert commands_of(events) == ["request", "fail"]
    assert events[1]["body"]["cause"] == "not_started"


def test_with_require_log_nothing_starts_and_nothing_is_spooled(tmp_path: Path):
    done = restorelog(
        "run", "--name=x", "--require-log", "--", "touch", str(tmp_path / "done"),
        env=environment(tmp_path),
    )  # fmt: skip
    assert done.code == 125
    assert done.err.count("\n") == 1
    assert not (tmp_path / "done").exists()
    assert not (tmp_path / "spool").exists()


@pytest.mark.parametrize("words", [["run"], ["run", "--name=x"], ["run", "--nmae=x", "--", "true"]])
def test_a_wrong_command_line_ends_with_125_as_nothing_was_started(
    words: list[str], tmp_path: Path
):
    assert restorelog(*words, env=environment(tmp_path)).code == 125


def test_json_is_alone_on_stdout(tmp_path: Path):
    done = restorelog(
        "run", "--name=x", "--json", "--", "sh", "-c", "echo told", env=environment(tmp_path)
    )
    assert done.json.items() >= {"status": "completed", "exit_code": 0, "recorded": False}.items()
    assert done.err.startswith("told\n")


def test_a_hundred_megabytes_of_data_pass_unchanged(tmp_path: Path):
    block = os.urandom(1_000_000 - 18) + b"\npassword=Zu4eeN01\n"[:18]
    (tmp_path / "in").write_bytes(block * MEGABYTES)
    words = [sys.executable, "-m", "api.client", "run", "--name=x", "--", "cat"]
    with (tmp_path / "in").open("rb") as given, (tmp_path / "out").open("wb") as taken:
        pipe = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=taken)
        done = subprocess.run(
            words, cwd=ROOT, env=environment(tmp_path), stdin=given, stdout=pipe.stdin,
            stderr=subprocess.PIPE,
        )  # fmt: skip
        assert pipe.stdin is not None
        pipe.stdin.close()
        pipe.wait()
    assert done.returncode == 0, done.stderr
    with (tmp_path / "out").open("rb") as taken:
        assert all(taken.read(len(block)) == block for _ in range(MEGABYTES))
        assert not taken.read(1)
    assert recorded(tmp_path)[-1]["body"]["output"] == (
        f"[stdout: {MEGABYTES * len(block):,} bytes of data, not recorded]\n"
    )


def test_a_reader_that_leaves_ends_the_command_as_without_the_wrapper(tmp_path: Path):
    line = f"{sys.executable} -m api.client run --name=x -- yes | head -c 2"
    done = subprocess.run(
        ["sh", "-c", line], cwd=ROOT, env=environment(tmp_path), capture_output=True, timeout=60
    )
    assert done.stdout == b"y\n"
    assert recorded(tmp_path)[-1]["body"]["signal"] == "SIGPIPE"


@pytest.mark.parametrize(
    ("files", "code", "message", "seen"),
    [
        (">/dev/full", 123, "Its output could not be written: No space left on device.", ""),
        ("2>/dev/full", 0, None, "1\n2\n"),
        (">&-", 0, None, ""),
        ("<&- >&- 2>&-", 0, None, ""),
    ],
)
def test_outputs_that_are_full_or_closed_get_into_no_other_file(
    files: str, code: int, message: str | None, seen: str, tmp_path: Path
):
    script = "for n in 1 2; do echo $n; echo err $n >&2; sleep 0.1; done"
    if files == ">/dev/full":
        script = "echo 1"
    line = f"{sys.executable} -m api.client run --name=x -- sh -c '{script}' {files}"
    done = subprocess.run(
        ["sh", "-c", line], cwd=ROOT, env=environment(tmp_path), capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (code, seen)
    (file,) = (tmp_path / "spool").iterdir()
    lines = [json.loads(one) for one in file.read_text().splitlines()]
    assert len(lines) == 4
    assert lines[-1]["body"].get("message") == message
    assert "1\n" in lines[-1]["body"]["output"]


def test_a_server_left_in_the_background_does_not_keep_the_wrapper(tmp_path: Path):
    pid = tmp_path / "pid"
    done = restorelog(
        "run", "--name=x", "--", "sh", "-c", f"sleep 600 & echo $! > {pid}; echo started",
        env=environment(tmp_path),
    )  # fmt: skip
    os.kill(int(pid.read_text()), signal.SIGKILL)
    assert (done.code, done.out) == (0, "started\n")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_is_passed_on_and_recorded_as_cancelled(number: signal.Signals, tmp_path: Path):
    script = f"trap 'echo cleaning up; exit 9' {number.name[3:]}; echo ready; sleep 60 & wait"
    process = start("run", "--name=x", "--", "sh", "-c", script, env=environment(tmp_path))
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(number)
    out, _ = process.communicate(60)
    assert (process.returncode, out) == (9, "cleaning up\n")
    end = recorded(tmp_path)[-1]
    assert (end["command"], end["body"]["signal"]) == ("cancel", number.name)
    assert end["body"]["output"] == "ready\ncleaning up\n"


def test_the_command_ends_with_a_wrapper_that_is_killed(tmp_path: Path):
    process = start(
        "run", "--name=x", "--", "sh", "-c", "echo $$; exec sleep 600", env=environment(tmp_path)
    )
    assert process.stdout is not None
    child = int(process.stdout.readline())
    process.kill()
    process.wait()
    deadline = time.monotonic() + 30
    while alive(child):
        assert time.monotonic() < deadline, "the command goes on without its wrapper"
        time.sleep(0.01)
    process.communicate()
    (file,) = (tmp_path / "spool").glob("*.ndjson")
    assert commands_of(events_of(file)) == ["request", "start"]


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_progress_is_an_event_at_a_tenth_and_at_most_once_a_minute(tmp_path: Path):
    script = "for n in 3 12 14 25 90; do echo restorelog progress $n% loading table $n; done"
    restorelog("run", "--name=x", "--", "sh", "-c", script, env=environment(tmp_path))
    events = [event["body"] for event in recorded(tmp_path) if event["command"] == "progress"]
    assert [(event["percent"], event["phase"]) for event in events] == [(90, "loading table 90")]


def test_a_pattern_that_is_none_is_refused_before_anything_starts(tmp_path: Path):
    done = restorelog(
        "run", "--name=x", "--progress-from=(", "--", "touch", str(tmp_path / "done"),
        env=environment(tmp_path),
    )  # fmt: skip
    assert done.code == 125
    assert "is not a regular expression" in done.err
    assert not (tmp_path / "done").exists()
    assert not list((tmp_path / "spool").glob("*"))
