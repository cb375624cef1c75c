"""A restore as it stood earlier, and what the log can say of one that no table shows."""

from datetime import datetime
from typing import Any
from uuid import UUID

import pytest

from domain.restores.events import RestoreAmended, RestoreVanishedFromHost
from infrastructure.event_store.codec import new_event
from infrastructure.event_store.log import Log
from projections.engine.catch_up import catch_up
from tests.api.conftest import Reader
from tests.builders import (
    NOON,
    backup_registered,
    completed,
    imported,
    legacy_columns,
    metadata,
    requested,
    started,
)
from tests.builders import stream as stream_of


def record(*events: Any) -> None:
    Log().append([new_event(event) for event in events])
    catch_up()


@pytest.fixture
def recorded(database: str) -> None:
    """An imported row at position 1; a restore requested, started and completed at 2 to 4."""
    record(imported(9))
    record(requested(1))
    record(started(1))
    record(completed(1))


def test_a_row_as_of_each_position(recorded: None, viewer: Reader):
    told = [viewer.json("restores/2000000000002/", as_of=str(position)) for position in (2, 3, 4)]
    assert [(row["status"], row["version"]) for row in told] == [
        ("pending", 1),
        ("in_progress", 2),
        ("completed", 3),
    ]
    assert [row["duration_seconds"] for row in told] == [None, None, 180]
    assert told[2] == viewer.json("restores/2000000000002/")


def test_a_row_as_of_a_position_has_the_etag_it_had_then(recorded: None, viewer: Reader):
    response = viewer.get("restores/2000000000002/", as_of="3")
    assert response["ETag"] == '"2"'


def test_a_row_as_of_a_time_by_the_logs_clock(recorded: None, auditor: Reader):
    events = auditor.json("audit/events/", stream=str(stream_of(1)))["results"]
    for event, status in zip(events, ("pending", "in_progress", "completed"), strict=True):
        row = auditor.json(f"restores/{stream_of(1)}/", as_of=event["recorded_at"])
        assert row["status"] == status


def test_the_legacy_table_has_a_past_too(recorded: None, viewer: Reader):
    assert viewer.json("legacy/restores/7/", as_of="1")["name"] == "nightly 7"
    row = viewer.json("legacy/restores/2000000000002/", as_of="3")
    assert (row["status"], row["restore_method"]) == ("in_progress", "manual")


def test_before_it_was_recorded_the_answer_is_when_it_was(recorded: None, auditor: Reader):
    first = auditor.json("audit/events/", position_min="2")["results"][0]
    for as_of in ("1", "0", "2020-01-01", "2020-01-01T00:00:00Z"):
        problem = auditor.problem("restores/2000000000002/", 404, as_of=as_of)
        assert (problem["code"], problem["position"]) == ("not_recorded_yet", 2)
        assert datetime.fromisoformat(problem["recorded_at"]) == (
            datetime.fromisoformat(first["recorded_at"])
        )


@pytest.mark.parametrize(
    ("as_of", "code"),
    [
        ("5", "as_of_beyond_log"),
        ("-1", "as_of_beyond_log"),
        ("9999999999999999999", "as_of_beyond_log"),
        ("99999999999999999999999", "as_of_invalid"),
        ("", "as_of_invalid"),
        ("yesterday", "as_of_invalid"),
        ("0001-01-01T00:00:00+14:00", "as_of_invalid"),
        ("\0", "as_of_invalid"),
    ],
)
def test_a_moment_that_cannot_be_is_refused(recorded: None, viewer: Reader, as_of: str, code: str):
    problem = viewer.problem("restores/2000000000002/", 400, as_of=as_of)
    assert (problem["code"], problem["parameter"]) == (code, "as_of")


def test_a_restore_of_the_other_table_has_no_past_here(recorded: None, viewer: Reader):
    problem = viewer.problem(f"restores/{stream_of(9)}/", 404, as_of="1")
    assert problem["code"] == "restore_not_found"


def test_a_row_that_vanished_says_so_and_keeps_its_past(recorded: None, viewer: Reader):
    record(
        RestoreVanishedFromHost(
            originator_id=stream_of(9), originator_version=2, metadata=metadata("import")
        )
    )
    for path in ("legacy/restores/7/", f"legacy/restores/{stream_of(9)}/"):
        problem = viewer.problem(path, 404)
        assert (problem["code"], problem["position"]) == ("restore_vanished", 5)
        assert problem["restore_id"] == str(stream_of(9))
        assert viewer.json(path, as_of="4")["name"] == "nightly 7"
        assert viewer.problem(path, 404, as_of="5")["code"] == "restore_vanished"


def test_a_row_in_quarantine_says_why(database: str, viewer: Reader):
    record(imported(9, columns=legacy_columns(7, name="n" * 256)))
    for parameters in ({}, {"as_of": "1"}):
        problem = viewer.problem("legacy/restores/7/", 404, **parameters)
        assert problem["code"] == "restore_quarantined"
        assert problem["detail"] == (
            "Restore 7 is in the log, but not in the table, whose column name cannot hold it: "
            "256 characters, and the column holds 255."
        )


def test_the_trail_tells_each_event_and_what_it_changed_in_either_table(
    recorded: None, viewer: Reader
):
    page = viewer.json("restores/2000000000002/events/")
    assert [event["topic"] for event in page["results"]] == [
        "restore.Requested",
        "restore.Started",
        "restore.Completed",
    ]
    assert (page["next"], page["previous"]) == (None, None)
    began = page["results"][1]
    assert (began["actor"], began["position"], began["stream_version"]) == ("ops", 3, 2)
    both = [
        {"column": "started_at", "old": None, "new": "2025-06-01T12:00:00Z"},
        {"column": "status", "old": "pending", "new": "in_progress"},
    ]
    for table in ("database_management.RestoreLog", "system_backups.RestoreLog"):
        changes = [change for change in began["changes"] if change["label"] == table]
        told = [
            {key: change[key] for key in ("column", "old", "new")}
            for change in changes
            if change["column"] not in ("version", "updated_at")
        ]
        assert sorted(told, key=lambda change: change["column"]) == both


def test_the_trail_of_an_imported_row_tells_observed_from_assumed(recorded: None, viewer: Reader):
    (event,) = viewer.json(f"restores/{stream_of(9)}/events/")["results"]
    provenance = {
        (change["label"], change["column"]): change["provenance"] for change in event["changes"]
    }
    assert provenance["database_management.RestoreLog", "name"] == "observed"
    assert provenance["system_backups.RestoreLog", "is_overwrite"] == "assumed"
    assert provenance["system_backups.RestoreLog", "restore_type"] == "assumed"
    assert {change["host_column"] for change in event["changes"]} == {None}


def test_the_trail_of_a_row_that_vanished_is_still_there(recorded: None, viewer: Reader):
    record(
        RestoreVanishedFromHost(
            originator_id=stream_of(9), originator_version=2, metadata=metadata("import")
        )
    )
    events = viewer.json(f"restores/{stream_of(9)}/events/")["results"]
    assert [event["topic"] for event in events] == ["restore.Imported", "restore.VanishedFromHost"]


def test_a_long_trail_comes_in_pages(recorded: None, viewer: Reader):
    amendments = [
        RestoreAmended(
            originator_id=stream_of(1),
            originator_version=version,
            metadata=metadata(reason="typo"),
            amended_at=NOON,
            changes={"name": f"name {version}"},
            backup=None,
        )
        for version in range(4, 44)
    ]
    record(*amendments)
    page = viewer.json("restores/2000000000002/events/", page_size="20")
    page = viewer.json(page["next"])
    first = page["results"][0]
    assert (first["stream_version"], first["reason"]) == (21, "typo")
    names = {
        (change["old"], change["new"]) for change in first["changes"] if change["column"] == "name"
    }
    assert names == {("name 20", "name 21")}


def test_a_trail_of_nothing_is_a_problem(recorded: None, viewer: Reader):
    for id in ("1", "nonsense", str(UUID(int=1))):
        assert viewer.problem(f"restores/{id}/events/", 404)["code"] == "restore_not_found"


def test_the_trail_of_a_backup_is_not_a_restores(recorded: None, viewer: Reader):
    record(backup_registered(900))
    path = f"restores/{stream_of(900)}/events/"
    assert viewer.problem(path, 404)["code"] == "restore_not_found"
