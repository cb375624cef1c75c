"""Nothing that a host, a log-in or a caller says can write on a terminal but as text."""

import json
import os
import pwd
from pathlib import Path
from typing import Any

import pytest

from api import accounts
from domain.consolidation.consolidation import CONSOLIDATION_ID
from domain.consolidation.events import FingerprintAccepted
from domain.events import Metadata
from domain.text import is_shown
from infrastructure.event_store.codec import new_event
from infrastructure.event_store.log import Log
from infrastructure.event_store.models import Event
from tests.conftest import fresh
from tests.infrastructure.hosts.tiny import CONSOLIDATED, CONSOLIDATED_BACKUPS, LEGACY, TinyHost
from tests.support import here, raw, service, terminal

RED, CSI, TURNED = "\x1b[31m", "\x9b2J", "\u202edettimmoc\u2069"
BAD = f"nightly{RED}\x07{CSI}{TURNED}\u200b"
FORGED = "ada\n      99 2026-01-01 00:00:00 root restore.Completed"
KEY, THERE = 3, 5


def shown(text: str) -> str:
    """The text, once it is found to hold nothing that a terminal obeys."""
    assert {c for c in text if c != "\n" and not is_shown(c)} == set(), ascii(text)
    return text


@pytest.fixture
def host(tmp_path: Path) -> str:
    """A host whose texts would write all over a terminal, were they let."""
    made = TinyHost(
        f"sqlite:///{tmp_path}/host.sqlite3", extra={CONSOLIDATED: f'"odd{RED}" varchar(99)'}
    )
    made.execute("UPDATE auth_user SET username = ? WHERE id = 7", [f"ada{BAD}"])
    backup = {"name": BAD, "database_name": BAD, "created_at": "2024-05-06 07:08:09"}
    made.add(CONSOLIDATED_BACKUPS, 1, **backup)
    values = {"name": f"{BAD}\nstatus  completed", "message": f"one\n{BAD}\r\nthree",
              "created_by_id": 7}  # fmt: skip
    made.add(LEGACY, KEY, **values, target_database=BAD)
    made.add(CONSOLIDATED, THERE, **values, source_backup_id=1)
    made.execute(f'UPDATE {CONSOLIDATED} SET "odd{RED}" = ?', [BAD])
    made.add(CONSOLIDATED, THERE + 1, status=f"{BAD}{'x' * 30}")  # no table can hold this
    return made.url


@pytest.fixture
def imported(database: str, host: str) -> str:
    """The service's database, with that host imported, and an event by somebody of old."""
    here.run("import_host", source=host)
    version = Event.objects.filter(stream_id=CONSOLIDATION_ID).count() + 1
    by = Metadata(actor=FORGED, reason=f"because{BAD}\nand so on")
    event = FingerprintAccepted(
        originator_id=CONSOLIDATION_ID, originator_version=version, metadata=by, fingerprint="f"
    )
    Log().append([new_event(event)])
    return database


COMMANDS = (
    ["restores"],
    ["describe", str(THERE)],
    ["describe", str(KEY)],
    ["audit"],
    ["audit", str(THERE)],
    ["inspect_host"],
    ["import_host", "--dry-run"],
    ["consolidation", "--unrepresentable"],
    ["projections"],
    ["rebuild", "--dry-run"],
    ["verify"],
)


def test_what_a_command_prints_is_text(imported: str, host: str):
    raw.execute(imported, f"UPDATE {CONSOLIDATED} SET name = '{BAD}2', message = '{BAD}\n3'")
    for command in COMMANDS:
        done = here.run(*command, source=host, check=False)
        assert done.out, command
        shown(done.out + done.err)


def test_what_a_command_prints_as_json_is_text_and_means_the_same(imported: str, host: str):
    for command in COMMANDS:
        shown(here.run(*command, "--json", source=host, check=False).out)
    rows = here.run("restores", "--json").json["restores"]
    assert f"{BAD}\nstatus  completed" in [row["name"] for row in rows]


def test_a_name_shows_its_characters_as_escapes(imported: str):
    out = here.run("describe", str(THERE)).out
    assert "nightly\\x1b[31m\\x07\\x9b2J\\u202edettimmoc\\u2069\\u200b" in out


def test_only_a_message_has_lines_of_its_own(imported: str):
    lines = here.run("describe", str(THERE)).out.splitlines()
    (name,) = [line for line in lines if line.startswith("name ")]
    assert name.endswith("\\nstatus  completed")
    assert any(
        line.startswith("      ") and line.strip().startswith("nightly\\x1b") for line in lines
    )
    assert any(line.startswith("      ") and line.strip() == "three" for line in lines)


@pytest.mark.parametrize("command", ["audit", "consolidation"])
def test_an_actor_of_old_cannot_pass_for_an_entry(imported: str, command: str):
    lines = here.run(command).out.splitlines()
    assert not any(line.strip().startswith("99 ") for line in lines)
    assert any("ada\\n      99 2026" in line for line in lines)


@pytest.mark.parametrize("actor", [f"ada{RED}", "ada\nroot", "ada\u202e", "\u200b", "  ", "a\x9bb"])
def test_an_actor_that_cannot_be_shown_is_refused(database: str, host: str, actor: str):
    done = here.run("import_host", f"--actor={actor}", source=host, check=False)
    assert (done.code, done.out) == (2, "")
    assert shown(done.err).startswith("The actor ")
    assert raw.value(database, "SELECT count(*) FROM event_store_event") == 0


def test_so_is_one_that_the_system_names(database: str, host: str, monkeypatch: pytest.MonkeyPatch):
    named = pwd.struct_passwd((f"root{RED}", "x", os.getuid(), 0, "", "/", "/bin/sh"))
    monkeypatch.setattr(pwd, "getpwuid", lambda uid: named)
    assert here.run("import_host", source=host, check=False).code == 2


def test_no_account_has_such_a_name(database: str):
    for name in (f"ada{RED}", "ada\nroot", "ada\u202e"):
        with pytest.raises(accounts.BadAccount):
            accounts.create(name)


def test_what_stands_in_brackets_is_no_markup(imported: str, tmp_path: Path):
    """A path, a reason: rich would obey `[link=…]`, swallow `[red]` and fail on `[/]`."""
    folder = tmp_path / "[red]a["
    folder.mkdir()
    out = folder / "] [link=https:]then[b]"
    done = here.run("as_of", "1", "system_backups.RestoreLog", f"--out={out}")
    assert str(out) in done.out


ARGUMENTS: Any = [
    ["audit", f"{RED}\nnobody"],
    ["describe", "5", f"more{RED}"],
    ["restores", f"--{CSI}"],
    ["as_of", "1", f"label{RED}"],
    ["as_of", f"{CSI}1", "system_backups.RestoreLog"],
    ["verify", f"--source=sqlite:////nowhere/{RED}x.sqlite3"],
    ["import_host", f"--source=nonsense{RED}"],
    ["anchor", f"--out=/nowhere/{RED}anchor.json"],
    ["signing_key", f"--public=/nowhere/{RED}\nkey.pem"],
    ["verify_log", f"--anchor=/nowhere/{RED}\nanchor.json"],
    ["cut_over", "--yes", f"--restore-snapshot=/nowhere/{RED}\nx.sqlite3"],
    ["accounts", "create", f"ada{RED}"],
    ["accounts", "token", f"ada{RED}"],
    [f"no-such{RED}\ncommand"],
]


@pytest.mark.parametrize("words", ARGUMENTS, ids=lambda words: ascii(words[-1]))
def test_what_is_refused_is_quoted_as_text(
    templates: dict[str, str], words: list[str], tmp_path: Path
):
    url = fresh(templates, "sqlite", tmp_path)
    done = service.run(*words, database=url, env={"DEBUG": "1"}, check=False)
    assert done.code == 2, done
    assert len(shown(done.err).strip().splitlines()[-1]) > 10
    assert done.out == ""


def test_at_a_terminal_the_only_escapes_are_our_own(imported: str, host: str):
    env = service.environment(database=imported, source=host, env={"DEBUG": "1"})
    done = terminal.run(service.command("audit"), env=env)
    assert done.returncode == 0
    shown(done.stdout.replace("\r\n", "\n"))


def test_the_question_that_a_step_asks_is_text(imported: str, host: str, tmp_path: Path):
    file = tmp_path / f"x{RED}\nGo on.sqlite3"
    env = service.environment(database=imported, source=host, env={"DEBUG": "1"})
    words = ("cut_over", f"--restore-snapshot={file}")
    done = terminal.run(service.command(*words), env=env, answer="no")
    assert done.returncode == 2
    assert "\\x1b[31m\\nGo on" in done.stdout
    assert RED not in done.stdout


def test_json_of_the_trail_as_it_goes_on_is_text(imported: str):
    process = service.start("audit", "--follow", "--json", database=imported, env={"DEBUG": "1"})
    try:
        assert process.stdout is not None
        read = [process.stdout.readline() for _ in range(Log().head().position)]
    finally:
        process.kill()
        process.communicate()
    assert FORGED in {json.loads(line)["actor"] for line in map(shown, read)}
