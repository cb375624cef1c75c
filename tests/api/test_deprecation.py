"""The legacy routes say that they are deprecated from the cut-over on, and only as long as it is in
force."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from infrastructure.event_store.codec import new_event
from infrastructure.event_store.log import Log
from projections.engine.catch_up import catch_up
from tests.api.conftest import Reader
from tests.api.rows import legacy, put
from tests.builders import imported, legacy_columns, stream
from tests.support import raw, service
from tests.support.consolidation import say

ADDED = {"Deprecation", "Sunset", "Link"}
LIST = '<http://testserver/api/v1/restores/>; rel="successor-version"'


def take(url: str, *steps: str) -> int:
    """Record these steps; the Unix seconds at which the log learned of the last."""
    say(*steps)
    recorded_at = raw.value(
        url, "SELECT recorded_at FROM event_store_event ORDER BY position DESC LIMIT 1"
    )
    return int(recorded_at) // 1_000_000


def added(response: Any) -> dict[str, str]:
    """Those of the headers that are there."""
    return {name: response.headers[name] for name in ADDED if name in response.headers}


@pytest.mark.parametrize(
    "steps",
    [
        (),
        ("cut over", "rolled back"),
        ("cut over", "narrow tables restored"),
        ("cut over", "rolled back", "cut over", "rolled back"),
    ],
)
def test_without_a_cut_over_in_force_nothing_is_deprecated(
    database: str, viewer: Reader, settings: Callable[[str, Any], None], steps: tuple[str, ...]
):
    settings("LEGACY_SUNSET", date(2199, 12, 31))
    put(legacy(1))
    if steps:
        take(database, *steps)
    for path in ("legacy/restores/", "legacy/restores/1/"):
        assert added(viewer.get(path)) == {}


@pytest.mark.parametrize("more", [(), ("retired",)])
def test_from_the_cut_over_on_it_is_told_since_when_until_when_and_where_to_go(
    database: str,
    viewer: Reader,
    settings: Callable[[str, Any], None],
    more: tuple[str, ...],
):
    settings("LEGACY_SUNSET", date(2199, 12, 31))
    put(legacy(7, restore_id=UUID(int=99)))
    at = take(database, "cut over")
    if more:
        take(database, *more)
    assert added(viewer.get("legacy/restores/")) == {
        "Deprecation": f"@{at}",
        "Sunset": "Tue, 31 Dec 2199 00:00:00 GMT",
        "Link": LIST,
    }
    one = "<http://testserver/api/v1/restores/00000000-0000-0000-0000-000000000063/>"
    row = viewer.get("legacy/restores/7/")
    assert added(row)["Link"] == f'{one}; rel="successor-version"'
    unchanged = viewer.get("legacy/restores/7/", expect=304, headers={"If-None-Match": row["ETag"]})
    assert added(unchanged) == added(row)


def test_the_consolidated_routes_are_not_deprecated(database: str, viewer: Reader):
    take(database, "cut over")
    for path in ("", "restores/", "backups/"):
        assert added(viewer.get(path)) == {}


def test_it_is_the_present_cut_over_that_counts(database: str, viewer: Reader):
    take(database, "cut over", "rolled back")
    at = take(database, "cut over")
    assert added(viewer.get("legacy/restores/"))["Deprecation"] == f"@{at}"


def test_a_snapshot_of_the_wide_tables_brings_it_back(database: str, viewer: Reader):
    first = take(database, "cut over")
    take(database, "wide tables restored")
    assert added(viewer.get("legacy/restores/"))["Deprecation"] == f"@{first}"
    take(database, "rolled back")
    at = take(database, "wide tables restored")
    assert added(viewer.get("legacy/restores/"))["Deprecation"] == f"@{at}"


@pytest.mark.parametrize("sunset", [None, date(2001, 1, 1)])
def test_without_a_sunset_to_come_there_is_no_sunset(
    database: str, viewer: Reader, settings: Callable[[str, Any], None], sunset: date | None
):
    settings("LEGACY_SUNSET", sunset)
    take(database, "cut over")
    assert set(added(viewer.get("legacy/restores/"))) == {"Deprecation", "Link"}


def test_head_requests_are_told_too(database: str, viewer: Reader):
    put(legacy(1))
    at = take(database, "cut over")
    for path in ("/api/v1/legacy/restores/", "/api/v1/legacy/restores/1/"):
        response = viewer.client.head(path)
        assert (response.status_code, response.content) == (200, b"")
        assert added(response)["Deprecation"] == f"@{at}"


def test_errors_are_told_too(database: str, viewer: Reader):
    at = take(database, "cut over")
    known = {"Deprecation": f"@{at}", "Link": LIST}
    missing = f"legacy/restores/{UUID(int=5)}/"
    assert added(viewer.get("legacy/restores/?x=1", expect=400)) == known
    assert added(Client().get("/api/v1/legacy/restores/1/")) == known
    assert added(viewer.get("legacy/restores/1/", expect=404)) == known
    assert added(viewer.client.post("/api/v1/legacy/restores/")) == known
    assert added(viewer.get(missing, expect=404))["Link"] == (
        f'<http://testserver/api/v1/restores/{UUID(int=5)}/>; rel="successor-version"'
    )


def test_a_quarantined_row_is_told_by_its_uuid(database: str, viewer: Reader):
    Log().append([new_event(imported(9, columns=legacy_columns(7, name="n" * 256)))])
    catch_up()
    take(database, "cut over")
    response = viewer.get("legacy/restores/7/", expect=404)
    assert f"/api/v1/restores/{stream(9)}/>" in added(response)["Link"]


@pytest.mark.parametrize("steps", [(), ("cut over", "rolled back", "cut over", "retired")])
def test_it_costs_one_query(database: str, viewer: Reader, steps: tuple[str, ...]):
    put(legacy(1))
    if steps:
        take(database, *steps)
    with CaptureQueriesContext(connection) as asked:
        viewer.get("legacy/restores/1/")
    about_it = [one["sql"] for one in asked if "event_store_event" in one["sql"]]
    assert len(about_it) == 1


def test_a_sunset_that_is_no_date_is_refused_at_the_start():
    refused = service.run("check", env={"DEBUG": "1", "LEGACY_SUNSET": "soon"}, check=False)
    assert refused.code != 0
    assert "LEGACY_SUNSET is 'soon'; it should be a date such as 2027-01-31" in refused.err
