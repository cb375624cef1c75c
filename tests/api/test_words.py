"""Words that cannot be are refused, words that no row has are named, users are found by UUID."""

from typing import Any
from uuid import UUID

import pytest

from infrastructure.event_store.codec import new_event
from infrastructure.event_store.log import Log
from projections.engine.catch_up import catch_up
from projections.history import words
from tests.api.conftest import Reader
from tests.api.rows import backup, legacy, put, restore
from tests.builders import imported, requested
from tests.support import here

CLOSED = [
    ("restores/", "origin", "legaci", "legacy"),
    ("restores/", "origin_in", "recorded,hosts", "recorded"),
    ("legacy/restores/", "origin", "Legacy", "legacy"),
    ("legacy/restores/", "origin_in", "", "legacy"),
    ("backups/", "origin", "", "consolidated"),
    ("audit/events/", "topic", "restore.Amnded", "restore.Amended"),
    ("audit/events/", "topic_in", "restore.Amended,restore.amended", "restore.Amended"),
]


@pytest.mark.parametrize(("path", "name", "value", "known"), CLOSED)
def test_a_word_that_no_row_can_have_is_refused_with_the_known_ones(
    auditor: Reader, path: str, name: str, value: str, known: str
):
    problem = auditor.problem(path, 400, **{name: value})
    assert list(problem["errors"]) == [name]
    assert known in problem["detail"]


def test_the_known_words_are_taken(auditor: Reader):
    for origin in ("legacy", "consolidated", "recorded"):
        assert auditor.ids("restores/", origin=origin) == []
    assert auditor.json("audit/events/", topic="backup.Registered")["results"] == []


OPEN = [
    ("restores/", "status", restore(1, status="halted")),
    ("restores/", "restore_type", restore(1, restore_type="halted")),
    ("restores/", "trigger_type", restore(1, trigger_type="halted")),
    ("legacy/restores/", "restore_method", legacy(1, restore_method="halted")),
    ("backups/", "backup_type", backup(1, backup_type="halted")),
    ("backups/", "status", backup(1, status="halted")),
]


@pytest.mark.parametrize(("path", "name", "row"), OPEN)
def test_a_word_that_no_row_has_ever_had_is_said_so_with_the_nearest(
    viewer: Reader, path: str, name: str, row: Any
):
    put(row)
    answer = viewer.json(path, **{name: "haltd"})
    assert answer["results"] == []
    (note,) = answer["notes"]
    assert (note["parameter"], note["value"], note["ever"]) == (name, "haltd", False)
    assert note["nearest"] == "halted"
    assert note["detail"] == "No row has ever had this value. The nearest is 'halted'."
    assert "notes" not in viewer.json(path, **{name: "halted"})


def test_one_misspelt_word_of_several_is_named_too(viewer: Reader):
    put(restore(1, status="halted"), restore(2, status="completed"))
    answer = viewer.json("restores/", status_in="completed,haltd")
    assert [row["id"] for row in answer["results"]] == [2]
    assert [(note["parameter"], note["value"]) for note in answer["notes"]] == [
        ("status_in", "haltd")
    ]


def test_a_word_that_other_filters_leave_out_is_no_misspelling(viewer: Reader):
    put(restore(1, status="halted"))
    assert "notes" not in viewer.json("restores/", status="halted", name="another")


def test_a_word_that_a_row_had_before_is_in_the_log(viewer: Reader):
    put(restore(1, status="halted"))
    Log().append([new_event(imported(2, columns={"id": 2, "status": "queued"}))])
    (note,) = viewer.json("restores/", status="queued")["notes"]
    assert note["ever"] is True
    assert note["detail"].startswith("No row has this value now; the log has it")


def test_a_search_of_the_log_goes_on_where_it_stopped(
    viewer: Reader, monkeypatch: pytest.MonkeyPatch
):
    put(restore(1, status="halted"))
    Log().append([new_event(requested(number)) for number in range(1, 6)])
    monkeypatch.setattr(words, "BUDGET", 0)
    monkeypatch.setattr(words, "PART", 2)
    ever = [viewer.json("restores/", status="haltd")["notes"][0]["ever"] for _ in range(3)]
    assert ever == [None, None, False]


def test_an_event_too_long_to_be_searched_leaves_it_open(
    viewer: Reader, monkeypatch: pytest.MonkeyPatch
):
    Log().append([new_event(requested(1, message="x" * 5_000))])
    monkeypatch.setattr(words, "LONGEST", 4_000)
    (note,) = viewer.json("restores/", status="haltd")["notes"]
    assert (note["ever"], note["nearest"]) == (None, None)


def test_a_number_that_a_column_shows_as_text_is_found_in_the_log(viewer: Reader):
    Log().append([new_event(imported(2, columns={"status": 37, "id": 2}))])
    assert viewer.json("restores/", status="37")["notes"][0]["ever"] is True
    assert viewer.json("restores/", status="3")["notes"][0]["ever"] is False


def test_the_terminal_says_so_too(database: str):
    Log().append([new_event(imported(2, columns={"id": 2, "status": "halted"}))])
    catch_up()
    put(restore(1, status="halted"))
    told = here.run("restores", "--status", "haltd")
    assert "No row has ever had this value. The nearest is 'halted'." in told.out
    assert [row["id"] for row in here.run("restores", "--status", "halted", "--json").json[
        "restores"]] == [1]  # fmt: skip


def test_failed_and_a_status_do_not_go_together(database: str):
    told = here.run("restores", "--failed", "--status", "halted", check=False)
    assert (told.code, told.err) == (2, "--failed is --status failed: give one of them.\n")


USER = UUID("7c9e6679-7425-40de-944b-e07fc1f90ae7")
STORED = [str(USER), USER.hex, str(USER).upper(), USER.hex.upper(), f"{{{USER}}}"]


@pytest.mark.parametrize("stored", STORED)
def test_a_user_with_a_uuid_is_found_however_it_is_written(viewer: Reader, stored: str):
    put(restore(1, created_by_id=stored), restore(2, created_by_id="7"), restore(3))
    put(legacy(1, created_by_id=stored), legacy(2, created_by_id="7"))
    for asked in [*STORED, f"urn:uuid:{USER}", f"{{{USER.hex.upper()}}}"]:
        assert viewer.ids("restores/", created_by=asked) == [1], asked
        assert viewer.ids("legacy/restores/", created_by=asked) == [1], asked
    assert viewer.ids("restores/", created_by=str(UUID(int=5))) == []
