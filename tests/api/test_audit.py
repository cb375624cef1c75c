"""The log over REST, whole, filtered, and followed."""

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from domain.backups.events import BackupExpired
from domain.consolidation.consolidation import CONSOLIDATION_ID
from domain.consolidation.events import ZoneChosen
from domain.events import Metadata
from domain.restores.events import RestoreAmended
from infrastructure.event_store.codec import new_event
from infrastructure.event_store.log import Log
from tests.api.conftest import Reader
from tests.builders import (
    NOON,
    backup_registered,
    completed,
    imported,
    metadata,
    requested,
    started,
    stream,
)


@pytest.fixture
def log(database: str) -> Log:
    """Three events of a restore by ops, one imported, then two by eve."""
    log = Log()
    log.append([new_event(e) for e in (requested(1), started(1), completed(1))])
    log.append([new_event(imported(2))])
    eve = metadata("eve", reason='"quoted" – because')
    log.append([new_event(requested(3, metadata=eve)), new_event(started(3, metadata=eve))])
    return log


def positions(reader: Reader, **parameters: str) -> list[int]:
    page = reader.json("audit/events/", **parameters)
    return [event["position"] for event in page["results"]]


def test_an_event_is_shown_with_who_when_and_what(log: Log, auditor: Reader):
    event = auditor.json("audit/events/")["results"][5]
    recorded_at = datetime.fromisoformat(event.pop("recorded_at"))
    assert abs((datetime.now(UTC) - recorded_at).total_seconds()) < 600
    digest = event.pop("hash")
    assert len(digest) == 64
    assert event == {
        "position": 6,
        "cursor": f"log:6:{digest[:8]}",
        "stream_id": str(stream(3)),
        "stream_version": 2,
        "event_id": str(started(3).event_id),
        "topic": "restore.Started",
        "schema_version": 2,
        "actor": "eve",
        "reason": '"quoted" – because',
        "correlation": None,
        "causation": None,
        "on_behalf_of": None,
        "request_id": None,
        "sequence": None,
        "state": {
            "started_at": "2025-06-01T12:00:00Z",
            "command": "",
            "host": "",
            "heartbeat_seconds": None,
        },
    }


def test_host_values_are_shown_verbatim(log: Log, auditor: Reader):
    state = auditor.json("audit/events/", topic="restore.Imported")["results"][0]["state"]
    assert state["columns"]["started_at"] == {"$": "time", "v": "2024-02-29 23:00:00.000001"}


def test_the_oldest_come_first_unless_asked_otherwise(log: Log, auditor: Reader):
    assert positions(auditor) == [1, 2, 3, 4, 5, 6]
    assert positions(auditor, ordering="-position") == [6, 5, 4, 3, 2, 1]


def test_the_log_is_filtered(log: Log, auditor: Reader):
    assert positions(auditor, topic="restore.Started") == [2, 6]
    assert positions(auditor, topic_in="restore.Imported,restore.Completed") == [3, 4]
    assert positions(auditor, stream=str(stream(1))) == [1, 2, 3]
    assert positions(auditor, actor="eve") == [5, 6]
    assert positions(auditor, actor="import") == [4]
    assert positions(auditor, actor="e") == []
    assert positions(auditor, actor='eve","reason') == []
    assert positions(auditor, position_min="3", position_max="4") == [3, 4]
    assert positions(auditor, actor="eve", topic="restore.Started") == [6]


def test_times_are_the_logs_own_and_inclusive(log: Log, auditor: Reader):
    events = auditor.json("audit/events/")["results"]
    fourth, fifth = events[3]["recorded_at"], events[4]["recorded_at"]
    assert positions(auditor, recorded_at_after=fifth) == [5, 6]
    assert positions(auditor, recorded_at_before=fourth) == [1, 2, 3, 4]
    assert positions(auditor, recorded_at_after=fourth, recorded_at_before=fourth) == [4]
    assert positions(auditor, recorded_at_after="2000-01-01") == [1, 2, 3, 4, 5, 6]
    assert positions(auditor, recorded_at_before="2000-01-01") == []
    assert positions(auditor, recorded_at_after="9999-12-31T23:59:59Z") == []


def test_a_follower_goes_on_where_it_was(log: Log, auditor: Reader):
    first = auditor.json("audit/events/", page_size="4")
    second = auditor.json("audit/events/", after=first["cursor"])
    assert [e["position"] for e in second["results"]] == [5, 6]
    assert second["next"] is None
    nothing = auditor.json("audit/events/", after=second["cursor"])
    assert (nothing["results"], nothing["cursor"]) == ([], second["cursor"])
    log.append([new_event(completed(3))])
    assert positions(auditor, after=nothing["cursor"]) == [7]


def test_a_follower_of_rare_events_moves_on_with_the_log(log: Log, auditor: Reader):
    page = auditor.json("audit/events/", topic="restore.Imported")
    assert [e["position"] for e in page["results"]] == [4]
    assert page["cursor"].startswith("log:6:")
    full = auditor.json("audit/events/", topic="restore.Requested", page_size="1")
    assert full["cursor"].startswith("log:1:")


def test_pages_of_the_log_link_to_each_other(log: Log, auditor: Reader):
    seen = []
    page = auditor.json("audit/events/", page_size="4")
    while True:
        seen += [e["position"] for e in page["results"]]
        if page["next"] is None:
            break
        page = auditor.json(page["next"])
    assert seen == [1, 2, 3, 4, 5, 6]


def test_a_follower_can_begin_before_the_first_event(database: str, auditor: Reader):
    assert auditor.json("audit/events/")["cursor"] == "log:0:00000000"
    Log().append([new_event(requested(1))])
    assert positions(auditor, after="log:0:00000000") == [1]


@pytest.mark.parametrize("cursor", ["log:3:00000000", "log:7:00000000", "log:0:00000001"])
def test_a_cursor_of_another_log_is_refused(log: Log, auditor: Reader, cursor: str):
    problem = auditor.problem("audit/events/", 409, after=cursor)
    assert problem["code"] == "cursor_does_not_fit"
    assert problem["parameter"] == "after"
    assert problem["head"].startswith("log:6:")


NO_CURSORS = [
    *("3", "log:3", "log:3:ABCDEF01", "log:-1:00000000", "log:03:00000000", "log:9" * 9),
    *("\0x", "", "log:10000000000000000000:00000000"),
]


def test_what_is_no_cursor_is_a_bad_request(log: Log, auditor: Reader):
    for cursor in NO_CURSORS:
        problem = auditor.problem("audit/events/", 400, after=cursor)
        assert problem["code"] in ("cursor_invalid", "invalid")


def test_unknown_parameters_are_refused_here_too(log: Log, auditor: Reader):
    assert auditor.problem("audit/events/", 400, actors="eve")["code"] == "unknown_parameter"


@pytest.fixture
def amended(log: Log) -> None:
    """The first restore, amended at position 7; then a backup, registered and expired."""
    why = metadata("eve", reason="typing error")
    of = {"originator_id": stream(1), "originator_version": 4, "metadata": why}
    renamed = RestoreAmended(amended_at=NOON, changes={"name": "orders"}, backup=None, **of)
    backup = {"originator_id": stream(900), "originator_version": 2, "metadata": metadata()}
    expired = BackupExpired(expired_at=NOON, message="old", **backup)
    log.append([new_event(event) for event in (renamed, backup_registered(), expired)])


def test_every_amendment_with_old_new_and_why_is_one_request(amended: None, auditor: Reader):
    asked = {"topic": "restore.Amended", "changes": "true", "words": "true"}
    (event,) = auditor.json("audit/events/", **asked)["results"]
    assert (event["actor"], event["reason"]) == ("eve", "typing error")
    assert event["what"] == "corrected name of the restore"
    names = [change for change in event["changes"] if change["column"] == "name"]
    assert {change["label"] for change in names} == {
        "database_management.RestoreLog",
        "system_backups.RestoreLog",
    }
    told = {(c["old"], c["new"], c["provenance"], c["row"]) for c in names}
    assert told == {("restore 1", "orders", "observed", "changed")}


def test_the_whole_log_tells_what_each_event_changed(amended: None, auditor: Reader):
    events = auditor.json("audit/events/", changes="true")["results"]
    assert all(event["changes"] for event in events)
    for place, number in ((0, 1), (4, 3)):
        mine = auditor.json(f"restores/{stream(number)}/events/")["results"][0]
        assert events[place]["changes"] == mine["changes"]
    status = [c for c in events[8]["changes"] if c["column"] == "status"]
    assert {(c["label"], c["old"], c["new"]) for c in status} == {
        ("database_management.BackupLog", "completed", "expired"),
        ("system_backups.BackupLog", "completed", "expired"),
    }
    assert "changes" not in auditor.json("audit/events/")["results"][0]


def test_what_is_told_besides_takes_as_many_queries_for_one_event_as_for_all(
    amended: None, auditor: Reader
):
    def count(size: str) -> int:
        asked = {"changes": "true", "words": "true", "proof": "stored"}
        with CaptureQueriesContext(connection) as queries:
            auditor.json("audit/events/", page_size=size, ordering="-position", **asked)
        return len(queries)

    count("1")
    assert count("9") == count("1")


def test_an_event_stands_in_the_tree_of_what_led_to_what(log: Log, auditor: Reader):
    chosen = ZoneChosen(
        originator_id=CONSOLIDATION_ID,
        originator_version=1,
        metadata=metadata("ada"),
        zone="UTC",
    )
    second = started(7, metadata=Metadata(actor="import", causation=chosen.event_id))
    third = completed(7, metadata=Metadata(actor="import", causation=second.event_id))
    log.append([new_event(event) for event in (chosen, second, third, requested(8))])
    root = auditor.json("audit/events/7/")
    assert (root["topic"], root["caused_by"]) == ("consolidation.ZoneChosen", [])
    (child,) = root["led_to"]
    assert (child["position"], child["what"], child["actor"]) == (
        8,
        "started the restore",
        "import",
    )
    assert [(one["position"], one["led_to"]) for one in child["led_to"]] == [(9, [])]
    event = auditor.json("audit/events/8/")
    assert [one["position"] for one in event["caused_by"]] == [7]
    assert event["causation"] == root["event_id"]
    assert positions(auditor, causation=root["event_id"]) == [8]
    assert auditor.problem("audit/events/11/", 404)["code"] == "event_not_found"


def test_a_stream_is_for_servers_that_can_send_one(log: Log, auditor: Reader):
    # Django's own client is one that cannot: it speaks WSGI.
    response = auditor.get("audit/events/", expect=406, headers={"Accept": "text/event-stream"})
    assert response.json()["code"] == "streams_not_served"
