"""A head that is kept outside of the database tells of a log that lost its end."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connections, transaction
from django.test import override_settings

from infrastructure.event_store import head_file_updates
from infrastructure.event_store.codec import new_event
from infrastructure.event_store.errors import (
    HeadFileUnusable,
    HeadFileUnwritable,
    LogLostEvents,
)
from infrastructure.event_store.head_file import keep_head
from infrastructure.event_store.log import Log
from tests.builders import requested
from tests.projections.engine.tables import LABELS
from tests.support import forging, here, raw
from tests.support.shell import ME
from tests.support.shortening import shorten


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Path]:
    """Where the head file is to be; another machine's would be another one."""
    (tmp_path / "kept").mkdir()
    file = tmp_path / "kept" / "head.json"
    with override_settings(HEAD_FILE=str(file)):
        yield file


def content(file: Path) -> dict[str, object]:
    found: dict[str, object] = json.loads(file.read_bytes())
    return found


def more(log: Log, *numbers: int) -> None:
    log.append([new_event(requested(number)) for number in numbers])


def test_it_holds_the_logs_id_and_its_newest_head(filled: Log, kept: Path):
    keep_head(filled)
    first, head = filled.hash_at(1), filled.head()
    assert first is not None
    assert content(kept) == {
        "format": "restore-log-head/1",
        "log": first.hex(),
        "position": 8,
        "head": head.hash.hex(),
        "accepted": 0,
        "written_at": content(kept)["written_at"],
    }
    assert kept.stat().st_mode & 0o777 == 0o600
    more(filled, 5, 6)
    keep_head(filled)
    assert content(kept)["position"] == 10


def test_of_an_empty_log_nothing_is_kept(log: Log, kept: Path):
    keep_head(log)
    assert not kept.exists()
    more(log, 1)


def test_without_the_setting_nothing_is_kept(filled: Log, tmp_path: Path):
    keep_head(filled)
    here.run("verify_log")
    assert [file.name for file in tmp_path.glob("*head*")] == []


@pytest.mark.parametrize("left", [7, 3, 1])
def test_a_log_that_lost_its_end_takes_no_event(filled: Log, kept: Path, database: str, left: int):
    keep_head(filled)
    shorten(database, left)
    with pytest.raises(LogLostEvents, match=f"ends at position {left}, and .* position 8"):
        more(filled, 9)
    with pytest.raises(LogLostEvents), transaction.atomic():
        more(filled, 9)
    with pytest.raises(LogLostEvents):
        keep_head(filled)
    assert filled.head().position == left
    assert content(kept)["position"] == 8


def test_a_log_whose_events_are_all_gone_is_another_log(filled: Log, kept: Path, database: str):
    keep_head(filled)
    forging.forge(database, "DELETE FROM event_store_event")
    raw.execute(database, "DELETE FROM event_store_head")
    with pytest.raises(LogLostEvents, match="another log, which ends at position 0"):
        more(filled, 9)


def test_a_log_with_another_event_at_the_kept_head_takes_no_event(
    filled: Log, kept: Path, database: str
):
    keep_head(filled)
    forging.forge(
        database, "UPDATE event_store_event SET topic = 'restore.Failed' WHERE position = 8"
    )
    forging.rechain(database, 7)
    with override_settings(HEAD_FILE=""):
        more(filled, 9)
    with pytest.raises(LogLostEvents, match="another event at position 8"):
        more(filled, 10)


def test_what_was_lost_after_the_kept_head_it_cannot_know(filled: Log, kept: Path, database: str):
    keep_head(filled)
    more(filled, 5, 6)
    shorten(database, 9)
    more(filled, 7)
    keep_head(filled)
    assert content(kept)["position"] == 10


def test_every_command_that_records_stops_and_names_the_position(
    filled: Log, kept: Path, database: str, public_key: Path, tmp_path: Path
):
    keep_head(filled)
    shorten(database, 6)
    host = f"sqlite:///{tmp_path}/nowhere.sqlite3"
    for command in (
        ["import_host"],
        ["import_host", "--dry-run"],
        ["cut_over", "--yes"],
        ["roll_back", "--yes"],
        ["retire", "--yes", "--reason", "done"],
        ["anchor", "--out", str(tmp_path / "anchor")],
        ["rebuild"],
        ["project", "--follow"],
    ):
        done = here.run(*command, source=host, check=False)
        assert (command, done.code) == (command, 2)
        assert "position 6" in done.err
        assert "position 8" in done.err
        assert "manage.py accept_log" in done.err
        assert len(done.err.strip().splitlines()) == 1, done.err
    assert not (tmp_path / "anchor").exists()
    assert filled.head().position == 6


def test_reading_goes_on_with_a_warning(filled: Log, kept: Path, database: str):
    here.run("project")
    keep_head(filled)
    shorten(database, 7)
    for command in (["projections", "--json"], ["audit", "--json"], ["consolidation", "--json"]):
        done = here.run(*command)
        assert done.err.startswith("Warning: The log ends at position 7, and HEAD_FILE remembers")
    assert here.run("consolidation", "--json").json["warnings"] != []
    found = here.run("verify_log", "--json", check=False)
    assert found.code == 1
    codes = [one["code"] for one in found.json["findings"]]
    assert codes == ["log_lost_events", *["checkpoint_not_in_log"] * len(LABELS)]


def test_accepting_it_is_an_event_with_actor_and_reason(filled: Log, kept: Path, database: str):
    keep_head(filled)
    lost = content(kept)["head"]
    shorten(database, 5)
    dry = here.run("accept_log", "--reason", "the old server burnt", "--dry-run", "--json")
    assert (dry.json["lost"][0]["position"], filled.head().position) == (8, 5)
    done = here.run("accept_log", "--reason", "the old server burnt", "--actor", "ada", "--json")
    assert done.json["lost"] == [{"remembered_by": "head_file", "position": 8, "hash": lost}]
    event = next(filled.events(5, with_metadata=True))[0]
    by = event.metadata
    assert (event.TOPIC, by.actor, by.on_behalf_of, by.reason) == (
        "administration.LogAccepted",
        ME,
        "ada",
        "the old server burnt",
    )
    assert content(kept) | {"written_at": ""} == {
        "format": "restore-log-head/1",
        "log": content(kept)["log"],
        "position": 6,
        "head": filled.head().hash.hex(),
        "accepted": 1,
        "written_at": "",
    }
    more(filled, 9)
    assert here.run("verify_log").code == 0
    again = here.run("accept_log", "--reason", "once more", check=False)
    assert (again.code, "nothing to accept" in again.err) == (2, True)


def test_without_a_reason_nothing_is_accepted(filled: Log, kept: Path, database: str):
    keep_head(filled)
    shorten(database, 5)
    assert here.run("accept_log", "--reason", " ", check=False).code == 2
    assert (filled.head().position, content(kept)["position"]) == (5, 8)


def test_the_other_machines_heads_are_accepted_with_it(filled: Log, kept: Path, database: str):
    keep_head(filled)
    other = kept.with_name("other.json")
    with override_settings(HEAD_FILE=str(other)):
        shorten(database, 7)
        keep_head(filled)  # this one stood before the loss
        later = kept.with_name("later.json")
        later.write_bytes(kept.read_bytes())
    here.run("accept_log", "--reason", "failed over")
    for file in (other, later):
        with override_settings(HEAD_FILE=str(file)):
            more(filled, 10 if file is other else 11)
            keep_head(filled)
            assert content(file)["position"] == filled.head().position


def test_a_second_loss_is_not_accepted_with_the_first(filled: Log, kept: Path, database: str):
    keep_head(filled)
    shorten(database, 4)
    here.run("accept_log", "--reason", "failed over")
    more(filled, 9, 10, 11)
    keep_head(filled)
    shorten(database, 6)  # the acceptance, at 5, is still there
    with pytest.raises(LogLostEvents, match=r"ends at position 6, and .* position 8"):
        more(filled, 12)


def test_nor_is_a_loss_of_the_acceptance_itself(filled: Log, kept: Path, database: str):
    keep_head(filled)
    shorten(database, 4)
    here.run("accept_log", "--reason", "failed over")
    shorten(database, 3)
    with pytest.raises(LogLostEvents, match=r"ends at position 3, and .* position 5"):
        more(filled, 12)


@pytest.mark.parametrize("damage", [b"", b"{", b"\xff", b'{"format":"restore-log-head/9"}', b"[]"])
def test_a_damaged_file_stops_recording_until_it_is_accepted(
    filled: Log, kept: Path, damage: bytes
):
    keep_head(filled)
    kept.write_bytes(damage)
    with pytest.raises(HeadFileUnusable):
        more(filled, 9)
    found = here.run("verify_log", "--json", check=False)
    assert [one["code"] for one in found.json["findings"]] == ["head_file_unusable"]
    here.run("accept_log", "--reason", "a disk fault; the log fits last night's anchor")
    more(filled, 9)


@pytest.mark.parametrize("how", ["no folder", "a folder"])
def test_a_file_that_cannot_be_written_is_a_finding(filled: Log, kept: Path, how: str):
    if how == "a folder":
        kept.mkdir()
    else:
        kept.parent.rmdir()
    if how == "no folder":
        more(filled, 9)
        with pytest.raises(HeadFileUnwritable):
            keep_head(filled)
    code = "head_file_unwritable" if how == "no folder" else "head_file_unusable"
    found = here.run("verify_log", "--json", check=False)
    assert (found.code, found.json["findings"][0]["code"]) == (1, code)


def test_many_writers_at_once_never_take_it_back(filled: Log, kept: Path, database: str):
    seen: list[object] = []

    def write() -> None:
        for _ in range(5):
            keep_head(Log())
            seen.append(content(kept)["position"])
        connections.close_all()

    writers = [threading.Thread(target=write) for _ in range(4)]
    for writer in writers:
        writer.start()
    for number in range(20, 30):
        more(filled, number)
    for writer in writers:
        writer.join()
    keep_head(filled)
    assert len(seen) == 20
    assert content(kept)["position"] == filled.head().position == 18
    assert sorted(file.name for file in kept.parent.iterdir()) == [".head.json.lock", "head.json"]


def test_a_process_that_goes_on_keeps_it_and_says_once_what_is_wrong(
    filled: Log, kept: Path, database: str
):
    follower = head_file_updates.HeadFileFollower()
    assert not follower.look()
    assert content(kept)["position"] == 8
    more(filled, 9)
    assert not follower.look()
    assert content(kept)["position"] == 8  # not due yet
    follower.due = 0.0
    assert not follower.look()
    assert content(kept)["position"] == 9
    shorten(database, 6)
    follower.due = 0.0
    assert "position 6" in str(follower.look())
    follower.due = 0.0
    assert not follower.look()


def test_it_is_looked_at_often_enough():
    assert 2 * head_file_updates.EVERY <= 10


def test_commands_that_record_keep_it(filled: Log, kept: Path, public_key: Path, tmp_path: Path):
    here.run("anchor", "--out", str(tmp_path / "anchor"))
    assert content(kept)["position"] == 8
