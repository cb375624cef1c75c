"""Heartbeats, and restores whose watcher is gone."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection, connections
from django.test import override_settings

from domain.administration.values import LostHead
from infrastructure.event_store.log import Log, as_datetime
from infrastructure.recording import administration
from infrastructure.running.heartbeats import note_start
from infrastructure.running.models import Heartbeat
from projections.services import interruption
from projections.services.interruption import mark_interrupted
from tests.api.recorder import Recorder, recorder
from tests.support import here, raw

LATER = "2026-03-01T12:03:20Z"


@pytest.fixture
def ada(database: str) -> Recorder:
    return recorder()


@pytest.fixture
def impatient() -> Iterator[None]:
    """Whoever says nothing at this moment is silent: SQLite's clock has milliseconds only."""
    with override_settings(HEARTBEAT_SILENCE=-1):
        yield


def marked() -> list[str]:
    return [str(restore.id) for restore in mark_interrupted(actor="worker")]


def test_a_heartbeat_shows_how_far_a_restore_is_and_is_no_event(ada: Recorder, database: str):
    restore = ada.running()
    path = f"restores/{restore}/heartbeat/"
    assert ada.get(path, 404)["code"] == "no_heartbeat"
    assert ada.row(path, {"percent": 10, "phase": "data", "output": "…\n"}) == {
        "silence_seconds": 120
    }
    ada.row(path, {"percent": 42.5})
    shown = ada.get(path)
    assert (shown["restore_id"], shown["percent"]) == (restore, 42.5)
    assert (shown["phase"], shown["output"]) == ("data", "…\n")
    assert shown["first_at"] < shown["last_at"]
    assert raw.value(database, "SELECT count(*) FROM event_store_event") == 2
    assert ada.refused(path, {"percent": 101}, 400) == "invalid"
    assert ada.refused(path, {"sequence": 1}, 400) == "invalid"


def test_only_a_restore_in_progress_has_heartbeats(ada: Recorder):
    pending, over = ada.requested(), ada.running()
    ada.row(f"restores/{over}/complete/")
    for restore, status in ((pending, "pending"), (over, "completed")):
        problem = ada.row(f"restores/{restore}/heartbeat/", {}, 409)
        assert (problem["code"], problem["restore_status"]) == ("restore_not_running", status)
    assert ada.refused(f"restores/{UUID(int=7)}/heartbeat/", {}, 404) == "restore_not_found"


def test_a_silent_restore_is_recorded_as_interrupted(ada: Recorder, impatient: None):
    silent, watched = ada.running(), ada.running(name="never sent a heartbeat")
    ada.row(f"restores/{silent}/heartbeat/", {"output": "at work\n"})
    assert marked() == [silent]
    row = ada.get(f"restores/{silent}/")
    assert (row["status"], row["message"][:21]) == ("failed", "No heartbeat since 20")
    event = ada.get(f"restores/{silent}/events/")["results"][-1]
    assert (event["actor"], event["state"]["cause"]) == ("worker", "interrupted")
    assert event["state"]["output"] == "at work\n"
    assert ada.get(f"restores/{watched}/")["status"] == "in_progress"
    assert marked() == []
    # The watcher was only cut off: its heartbeats are accepted and change nothing; its end does.
    ada.row(f"restores/{silent}/heartbeat/")
    assert marked() == []
    assert ada.get(f"restores/{silent}/")["status"] == "failed"
    assert ada.row(f"restores/{silent}/complete/")["status"] == "completed"
    assert ada.refused(f"restores/{silent}/heartbeat/") == "restore_not_running"


def test_who_goes_on_or_has_ended_is_not_marked(ada: Recorder, impatient: None):
    going, over = ada.running(), ada.running()
    for restore in (going, over):
        ada.row(f"restores/{restore}/heartbeat/")
    ada.row(f"restores/{over}/fail/", {"message": "disk full"})
    with override_settings(HEARTBEAT_SILENCE=3600):
        assert marked() == []
    assert marked() == [going]
    assert ada.get(f"restores/{over}/")["message"] == "disk full"
    assert Heartbeat.objects.count() == 1  # of the interrupted one; the other is over


def test_an_interruption_is_not_before_the_start(ada: Recorder, impatient: None):
    """The watcher's clock may be ahead of the service's."""
    restore = ada.requested()
    ahead = (datetime.now(UTC) + timedelta(hours=2)).isoformat()
    ada.row(f"restores/{restore}/start/", {"started_at": ahead})
    ada.row(f"restores/{restore}/heartbeat/")
    assert marked() == [restore]
    assert ada.get(f"restores/{restore}/")["duration_seconds"] == 0


@pytest.mark.parametrize(
    ("start", "seconds"), [("1901-01-01T00:00:00Z", 2**31 - 1), ("9000-01-01T00:00:00Z", 0)]
)
def test_no_amended_start_keeps_a_silent_restore_or_another_in_progress(
    ada: Recorder, impatient: None, start: str, seconds: int
):
    amended, other = ada.running(), ada.running()
    for restore in (amended, other):
        ada.row(f"restores/{restore}/heartbeat/")
    body = {"changes": {"started_at": start}, "reason": "a wrong clock"}
    ada.row(f"restores/{amended}/amend/", body)
    assert marked() == [amended, other]
    row = ada.get(f"restores/{amended}/")
    assert (row["status"], row["duration_seconds"]) == ("failed", seconds)


def test_a_dry_run_names_the_restores_that_would_be_marked(ada: Recorder, impatient: None):
    silent, over, marked_before = ada.running(), ada.running(), ada.running()
    for restore in (silent, over, marked_before):
        ada.row(f"restores/{restore}/heartbeat/")
    ada.row(f"restores/{over}/complete/")
    ada.row(f"restores/{marked_before}/fail/", {"cause": "interrupted"})
    for arguments in (("--dry-run",), ()):
        told = here.run("mark_interrupted", "--json", *arguments).json
        assert told["restores"] == [silent]


@pytest.mark.parametrize("what", ["service", "log"])
def test_a_silence_begins_anew_when_the_service_starts_or_its_log_is_restored(
    ada: Recorder, what: str, vendor: str
):
    restore = ada.running()
    ada.row(f"restores/{restore}/heartbeat/")
    long_ago = as_datetime(Log().clock()) - timedelta(days=1)
    Heartbeat.objects.update(last_at=long_ago)
    if what == "service":
        note_start(Log())
        note_start(Log())
    else:
        lost = LostHead(remembered_by="head_file", position=99, hash="00")
        administration.accept_log(Log(), [lost], actor="ada", reason="restored from a backup")
    assert marked() == []
    # As long afterwards as a silence takes. A server of PostgreSQL that started meanwhile counts.
    with override_settings(HEARTBEAT_SILENCE=0):
        assert marked() == [restore]


def test_many_at_once_mark_a_restore_once(ada: Recorder, impatient: None, database: str):
    silent = [ada.running() for _ in range(3)]
    for restore in silent:
        ada.row(f"restores/{restore}/heartbeat/")
    connections.close_all()

    def mark(_: int) -> list[str]:
        try:
            return marked()
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as workers:
        found = [restore for some in workers.map(mark, range(4)) for restore in some]
    assert sorted(found) == sorted(silent)
    failed = "SELECT count(*) FROM event_store_event WHERE topic = 'restore.Failed'"
    assert raw.value(database, failed) == 3


def test_a_heartbeat_that_comes_at_that_moment_keeps_the_restore(
    ada: Recorder, monkeypatch: pytest.MonkeyPatch
):
    restore = ada.running()
    ada.row(f"restores/{restore}/heartbeat/")
    long_ago = as_datetime(Log().clock()) - timedelta(days=1)
    Heartbeat.objects.update(last_at=long_ago)
    found = list(Heartbeat.objects.all())
    monkeypatch.setattr(interruption, "silent_since", lambda log, limit: found)
    ada.row(f"restores/{restore}/heartbeat/")
    assert marked() == []
    assert ada.get(f"restores/{restore}/")["status"] == "in_progress"
