"""A log that lost its end over HTTP: reading goes on with a warning, nothing is recorded."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from api.operations import health
from domain.messages import Message
from infrastructure.event_store import head_file_updates
from infrastructure.event_store.codec import new_event
from infrastructure.event_store.findings import LogFinding
from infrastructure.event_store.head_file import keep_head
from infrastructure.event_store.log import Log
from projections.engine.catch_up import catch_up
from tests.api.conftest import Reader
from tests.builders import requested
from tests.support import here
from tests.support.shortening import shorten


@pytest.fixture
def shortened(database: str, settings: Any, tmp_path: Path) -> str:
    """A log of five events that ends at position 3 now; the head file remembers the fifth."""
    settings("HEAD_FILE", str(tmp_path / "head.json"))
    Log().append([new_event(requested(number)) for number in range(1, 6)])
    catch_up()
    keep_head(Log())
    shorten(database, 3)
    return database


def test_readyz_says_so_until_it_is_accepted(shortened: str):
    problem = Reader(Client()).problem("/readyz", 503)
    assert problem["code"] == "log_lost_events"
    assert "ends at position 3, and HEAD_FILE remembers position 5" in problem["detail"]
    here.run("accept_log", "--reason", "a restored backup")
    problem = Reader(Client()).problem("/readyz", 503)
    assert problem["code"] == "projections_not_ready"
    here.run("rebuild")
    assert Client().get("/readyz").status_code == 200


def test_every_answer_has_a_warning(shortened: str, reader_of: Callable[..., Reader]):
    reader = reader_of("viewer", "auditor")
    for path in ("restores/", "audit/events/", "projections/", "consolidation/", "/readyz"):
        response = reader.client.get(path if path[0] == "/" else f"/api/v1/{path}")
        assert response["Warning"].startswith('299 restorelog "The log ends at position 3'), path
    assert "Warning" not in reader.client.get("/healthz")
    assert len(reader.json("projections/")["warnings"]) == 1
    assert len(reader.json("consolidation/")["warnings"]) == 1
    assert {one["state"] for one in reader.json("projections/")["projections"]} == {"not_in_log"}
    metrics = reader.get("/metrics").content.decode()
    label = 'projection="system_backups.RestoreLog",state="not_in_log"'
    assert f"restorelog_projection_state{{{label}}} 1.0" in metrics


def test_pages_show_it(shortened: str, reader_of: Callable[..., Reader]):
    page = reader_of("viewer").client
    assert "The log ends at position 3" in page.get("/login/").content.decode()


def test_a_whole_log_has_none(database: str, settings: Any, tmp_path: Path):
    settings("HEAD_FILE", str(tmp_path / "head.json"))
    Log().append([new_event(requested(1))])
    catch_up()
    keep_head(Log())
    response = Client().get("/readyz")
    assert (response.status_code, "Warning" in response) == (200, False)


def test_a_head_file_that_cannot_be_written_is_not_ready(
    database: str, settings: Any, tmp_path: Path
):
    settings("HEAD_FILE", str(tmp_path / "nowhere" / "head.json"))
    assert Reader(Client()).problem("/readyz", 503)["code"] == "head_file_unwritable"


def test_a_log_whose_time_is_ahead_is_not_ready(database: str, monkeypatch: pytest.MonkeyPatch):
    ahead = LogFinding("clock_ahead", Message("the log's time is ahead."), 7)
    monkeypatch.setattr(health, "clock_findings", lambda log: [ahead])
    problem = Reader(Client()).problem("/readyz", 503)
    assert (problem["code"], problem["reasons"]) == ("clock_ahead", ["the log's time is ahead."])


@pytest.mark.parametrize("step", ["cut_over", "roll_back", "retire"])
def test_no_step_is_taken(shortened: str, host: str, reader_of: Callable[..., Reader], step: str):
    reader = reader_of("migrator")
    body = {"reason": "a test"}
    response = reader.client.post(
        f"/api/v1/consolidation/{step}/", body, content_type="application/json"
    )
    assert (response.status_code, response.json()["code"]) == (503, "log_lost_events")
    assert Log().head().position == 3


def test_what_was_seen_is_fresh_within_a_second():
    assert head_file_updates.FRESH <= 1
