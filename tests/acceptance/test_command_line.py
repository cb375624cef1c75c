"""The command line itself: what it does not understand, whom it cannot tell, what it lists."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from infrastructure.event_store.codec import new_event
from infrastructure.event_store.log import Log
from tests.builders import requested
from tests.support import here, service

DEBUG = {"DEBUG": "1"}


@pytest.mark.parametrize(
    ("typed", "said"), [("nonsense", "'nonsense'"), ("cutover", "Did you mean cut_over?")]
)
def test_a_command_that_does_not_exist_is_no_difference_found(typed: str, said: str):
    done = service.run(typed, env=DEBUG, check=False)
    assert (done.code, done.out) == (2, "")
    assert said in done.err


@pytest.mark.parametrize(
    "command", [("help",), ("projections",), ("verify_log",), ("audit", "--follow")]
)
def test_a_reader_who_has_seen_enough_ends_a_command_quietly(
    command: tuple[str, ...], database: str
):
    Log().append([new_event(requested(1))])
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        service.command(*command),
        cwd=service.ROOT,
        env=service.environment(database=database, source=None, env=DEBUG),
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, "")


def test_help_says_what_each_command_of_the_service_does():
    listed = service.run("help", env=DEBUG).out
    assert re.search(r"^ +verify_log +Recompute the log's hash chain", listed, re.MULTILINE)
    assert listed.index("verify_log") < listed.index("Django's") < listed.index("migrate,")


@pytest.mark.parametrize(
    "command",
    [
        ("restores", "--limit", "-4"),
        ("audit", "--limit", "-1"),
        ("rebuild", "--workers", "0"),
        ("import_host", "--allow-deletions", "-1"),
        ("project", "--interval", "-1"),
        ("project", "--interval", "nan"),
    ],
)
def test_a_number_that_makes_no_sense_is_refused(command: tuple[str, ...]):
    refused = here.run(*command, check=False)
    assert (refused.code, refused.out) == (2, "")
    assert command[1] in refused.err
    assert command[2] in refused.err


def test_a_file_that_cannot_be_written_is_named_in_one_line(database: str, tmp_path: Path):
    file = tmp_path / "nowhere" / "rows.ndjson"
    refused = here.run("as_of", "0", "system_backups.RestoreLog", "--out", str(file), check=False)
    assert (refused.code, refused.out) == (2, "")
    assert len(refused.err.splitlines()) == 1
    assert str(file.parent) in refused.err


@pytest.mark.parametrize("action", ["create", "token", "list"])
def test_the_common_options_are_explained_behind_an_action_too(action: str):
    told = service.run("accounts", action, "--help", env=DEBUG).out
    assert re.search(r"--actor NAME +who is doing this", told)
    assert re.search(r"--json +print one JSON object", told)
    assert re.search(r"--dry-run +report what would be done", told)
