"""Health, readiness and metrics."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from api.operations import health
from infrastructure.event_store.codec import new_event
from infrastructure.event_store.log import Log
from projections.engine.catch_up import catch_up
from tests.api.conftest import Reader
from tests.builders import requested


def test_healthz_needs_no_login_and_no_database():
    response = Client().get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


def test_a_fresh_service_is_ready(database: str):
    response = Client().get("/readyz")
    assert (response.status_code, response.json()) == (200, {"status": "ready"})


def test_too_far_behind_in_events_is_not_ready(database: str, settings: Any):
    catch_up()
    settings("READY_MAX_LAG_EVENTS", 1)
    Log().append([new_event(requested(1)), new_event(requested(2))])
    problem = Reader(Client()).problem("/readyz", 503)
    assert problem["code"] == "projections_not_ready"
    assert (
        "system_backups.RestoreLog is 2 events behind the log, more than 1." in problem["reasons"]
    )
    catch_up()
    assert Client().get("/readyz").status_code == 200


def test_too_far_behind_in_seconds_is_not_ready(database: str, settings: Any):
    catch_up()
    settings("READY_MAX_LAG_SECONDS", -1.0)
    assert Reader(Client()).problem("/readyz", 503)["code"] == "projections_not_ready"


@pytest.mark.parametrize(
    ("state", "told"), [("stopped", "stopped"), ("rebuild_required", "rebuild required")]
)
def test_a_projection_that_does_not_go_on_is_not_ready(
    database: str, state: str, told: str, monkeypatch: pytest.MonkeyPatch
):
    stopped = {
        "label": "system_backups.BackupLog",
        "state": state,
        "position": 7,
        "error": "ValueError: something confidential",
        "lag_events": 0,
        "lag_seconds": 0.0,
    }
    monkeypatch.setattr(health, "projections_state", lambda: [stopped])
    problem = Reader(Client()).problem("/readyz", 503)
    assert problem["detail"] == f"system_backups.BackupLog is {told} at position 7."


def test_metrics_tell_of_the_log_the_projections_and_the_requests(
    reader_of: Callable[..., Reader],
):
    Log().append([new_event(requested(1))])
    catch_up()
    reader = reader_of()
    reader.get("restores/1/", expect=403)
    response = reader.get("/metrics", headers={"Accept": "application/openmetrics-text;q=0.9"})
    assert response["Content-Type"].startswith("text/plain; version=0.0.4")
    lines = response.content.decode().splitlines()
    label = 'projection="system_backups.RestoreLog"'
    assert "restorelog_log_position 1.0" in lines
    assert f"restorelog_projection_position{{{label}}} 1.0" in lines
    assert f"restorelog_projection_lag_events{{{label}}} 0.0" in lines
    assert f"restorelog_projection_lag_seconds{{{label}}} 0.0" in lines
    assert f"restorelog_projection_rows{{{label}}} 1.0" in lines
    assert f'restorelog_projection_state{{{label},state="live"}} 1.0' in lines
    route = 'method="GET",route="/api/v1/restores/<str:id>/"'
    assert any(
        line.startswith(f'restorelog_http_requests_total{{{route},status="403"}}') for line in lines
    )
    assert any(
        line.startswith(f"restorelog_http_request_seconds_count{{{route}}}") for line in lines
    )


def test_metrics_ask_for_a_login(database: str):
    assert Reader(Client()).problem("/metrics", 401)["code"] == "not_authenticated"


def test_paths_and_methods_made_up_by_clients_make_no_new_series(
    reader_of: Callable[..., Reader],
):
    reader = reader_of()
    reader.client.get("/made-up-1/")
    reader.client.generic("BREW", "/made-up-2/")
    text = reader.get("/metrics").content.decode()
    assert "made-up" not in text
    assert "BREW" not in text


def test_projections_say_where_they_stand(viewer: Reader):
    Log().append([new_event(requested(1))])
    catch_up()
    told = {p["label"]: p for p in viewer.json("projections/")["projections"]}
    assert list(told) == [
        *("database_management.RestoreLog", "database_management.BackupLog"),
        *("system_backups.RestoreLog", "system_backups.BackupLog"),
        *("row_versions.RestoreVersion", "statistics.RestoreSums"),
    ]
    restores = told["system_backups.RestoreLog"]
    assert (restores["position"], restores["rows"], restores["lag_events"]) == (1, 1, 0)
    assert (restores["state"], restores["scope"]) == ("live", "native")
