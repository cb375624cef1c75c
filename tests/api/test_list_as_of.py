"""The list of restores as of a position: what a replay up to there shows, in pages."""

import random
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from domain.consolidation import events as consolidation
from domain.consolidation.consolidation import CONSOLIDATION_ID
from domain.events import Metadata
from domain.restores.events import RestoreRequested
from infrastructure.event_store.codec import new_event
from infrastructure.event_store.log import Log
from projections import few_rows
from projections.engine import version_cells
from projections.engine.catch_up import catch_up
from projections.engine.models import Generation
from projections.history.as_of import rows_as_of
from projections.row_versions.models import CELL_INDEX, RestoreVersion
from tests.api.conftest import Reader
from tests.api.test_pagination import walk
from tests.projections.histories import event, history, record, uuid
from tests.support.plans import indexes_read

COLUMNS = {"target_database": "target", "created_by_username": "username"}
"""How indexes call a column, where that is not its name."""
SOURCE, VERSIONS = "system_backups.RestoreLog", "row_versions.RestoreVersion"


@pytest.fixture
def end(database: str, monkeypatch: pytest.MonkeyPatch) -> int:
    """The end of a log that has a cut-over and a roll-back in it, in small blocks and cells."""
    monkeypatch.setattr(version_cells, "BLOCK", 50)
    monkeypatch.setattr(version_cells, "SIZES", range(3, 20, 2))
    events = history(3, 70)
    record(events[:80])
    switch(consolidation.CutOver, 1, certificate="", snapshot="", mappings={}, accepted=0)
    record(events[80:160])
    switch(consolidation.RolledBack, 2, unrepresentable=0)
    last = record(events[160:])
    catch_up()
    return last


def switch(kind: Any, version: int, **state: Any) -> None:
    if "accepted" in state:
        state["accepted_quarantined"] = state.pop("accepted")
    who = Metadata(actor="ada")
    one = kind(originator_id=CONSOLIDATION_ID, originator_version=version, metadata=who, **state)
    Log().append([new_event(one)])


def scope_at(position: int) -> str:
    return "all" if 81 <= position < 162 else "native"


def replayed(position: int) -> list[dict[str, Any]]:
    return list(rows_as_of(SOURCE, position, scope=scope_at(position)))


def of_a_year(row: dict[str, Any]) -> bool:
    moment = row["completed_at"] or row["started_at"] or row["created_at"]
    return datetime(2024, 9, 1, tzinfo=UTC) <= moment < datetime(2025, 11, 1, tzinfo=UTC)


def told(page: Any) -> list[tuple[Any, ...]]:
    return [(one["id"], one["status"], one["version"], one["name"]) for one in page]


def due(rows: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [(one["id"], one["status"], one["version"], one["name"]) for one in rows]


@pytest.mark.parametrize("moment", ["now", "0", "2020-01-01"])
def test_a_service_that_has_recorded_nothing_lists_nothing(viewer: Reader, moment: str):
    assert viewer.ids("restores/", as_of=moment) == []


def test_any_page_as_of_any_position_is_that_of_a_replay(viewer: Reader, end: int):
    chance = random.Random(5)
    for position in [40, 80, 81, 120, 161, 162, *chance.sample(range(40, end), 4), end]:
        rows = replayed(position)
        there = walk(viewer, "restores/", "next", as_of=str(position), ordering="id", page_size=9)
        assert told([row for page in there for row in page["results"]]) == due(rows)
        assert {page["as_of"]["position"] for page in there} == {position}
        assert {page["as_of"]["scope"] for page in there} == {scope_at(position)}
        back = walk(viewer, there[-1]["previous"], "previous") if there[-1]["previous"] else []
        assert [page["results"] for page in reversed(back)] == [
            page["results"] for page in there[:-1]
        ]


@pytest.mark.parametrize(
    ("parameters", "keeps", "key"),
    [
        ({"status": "pending"}, lambda row: row["status"] == "pending", "id"),
        ({"origin": "legacy"}, lambda row: row["origin"] == "legacy", "id"),
        ({"search": "ROW 1"}, lambda row: "row" in row["name"] and "1" in row["name"], "id"),
        ({"target_database": "shop"}, lambda row: row["target_database"] == "shop", "name"),
        ({"is_overwrite": "true"}, lambda row: row["is_overwrite"], "created_at"),
        ({"since": "2024-09-01", "until": "2025-10-31"}, of_a_year, "created_at"),
    ],
)
def test_filters_search_and_ordering_are_of_the_rows_as_they_were(
    viewer: Reader, end: int, parameters: dict[str, str], keeps: Any, key: str
):
    for position in (100, end - 20):
        rows = [row for row in replayed(position) if keeps(row)]
        if "search" in parameters:
            found = viewer.ids("restores/", as_of=str(position), ordering="id", **parameters)
            assert set(found) >= {row["id"] for row in rows}
            continue
        rows.sort(key=lambda row: (row[key], row["created_at"], row["id"]))
        found = viewer.ids("restores/", as_of=str(position), ordering=key, **parameters)
        assert found == [row["id"] for row in rows]


@pytest.mark.parametrize("few", [0, few_rows.FEW])
@pytest.mark.parametrize(
    "column", ["started_at", "completed_at", "updated_at", "duration_seconds", "restore_id", "id"]
)
def test_the_rows_with_one_value_are_those_that_had_it(
    viewer: Reader, end: int, column: str, few: int, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(few_rows, "FEW", few)
    for position in (100, end - 20):
        rows = replayed(position)
        for value in [row[column] for row in rows if row[column] is not None][:4]:
            text = value.isoformat() if isinstance(value, datetime) else str(value)
            for order in ("id", "-started_at"):
                found = viewer.ids(
                    "restores/", as_of=str(position), ordering=order, **{column: text}
                )
                expected = [row["id"] for row in rows if row[column] == value]
                assert sorted(found) == sorted(expected)
                assert expected


@pytest.mark.parametrize("vendor", ["sqlite"])
def test_few_rows_are_read_by_the_index_of_their_condition(viewer: Reader, end: int):
    started = next(row["started_at"] for row in replayed(end) if row["started_at"])
    with CaptureQueriesContext(connection) as captured:
        viewer.ids("restores/", as_of=str(end), started_at=started.isoformat())
    page = next(one["sql"] for one in captured if "AS parts" in one["sql"])
    read = set(indexes_read(page, RestoreVersion._meta.db_table))
    assert read >= {"rv_started_in_block_idx", CELL_INDEX}
    assert "rv_created_in_block_idx" not in read


@pytest.mark.parametrize("vendor", ["sqlite"])
@pytest.mark.parametrize("column", ["status", "name", "target_database", "created_by_username"])
def test_no_version_that_is_over_is_read_to_see_how_many_have_a_value(
    viewer: Reader, end: int, column: str
):
    value = next(row[column] for row in replayed(end) if row[column])
    with CaptureQueriesContext(connection) as captured:
        assert viewer.ids("restores/", as_of=str(end), **{column: value})
    table = RestoreVersion._meta.db_table
    asked = [one["sql"] for one in captured if f'"{table}"' in one["sql"]]
    read = {index for sql in asked for index in indexes_read(sql, table)}
    assert f"rv_{COLUMNS.get(column, column)}_in_block_idx" in read
    assert "rv_restoreversion_status_idx" not in read


def test_what_no_column_can_hold_is_found_nowhere(viewer: Reader, end: int):
    for parameter in (
        "warnings_count=-5",
        f"duration_seconds={2**63 - 1}",
        f"version_max={-(2**63)}",
    ):
        name, value = parameter.split("=")
        for present in ("any", "true", "false"):
            for as_of in ({}, {"as_of": str(end)}):
                page = viewer.json("restores/", present=present, **as_of, **{name: value})
                assert page["results"] == []


def test_a_time_and_now_are_the_position_that_the_links_keep(viewer: Reader, end: int):
    page = viewer.json("restores/", as_of="now", page_size=5)
    assert page["as_of"]["position"] == end
    record([event(RestoreRequested, stream=uuid("later"))])
    catch_up()
    following = viewer.json(page["next"])
    assert following["as_of"]["position"] == end
    # The cursor keeps it too, whatever `now` means by then.
    cursor = page["next"].split("cursor=")[1].split("&")[0]
    again = viewer.json("restores/", as_of="now", page_size=5, cursor=cursor)
    assert again["results"] == following["results"]
    assert viewer.json("restores/", as_of=page["as_of"]["recorded_at"])["as_of"]["position"] <= end
    problem = viewer.problem("restores/", 409, as_of="60", cursor=cursor)
    assert (problem["code"], problem["position"]) == ("cursor_of_another_position", end)
    assert viewer.problem("restores/", 400, cursor=cursor)["code"] == "cursor_invalid"


def test_a_row_says_when_it_was_so_and_how_overwriting_is_known(viewer: Reader, end: int):
    rows = viewer.json("restores/", as_of="120", page_size=1000)["results"]
    assert {row["present"] for row in rows} == {True}
    assert {row["is_overwrite_known_by"] for row in rows} >= {"assumed", "observed", "recorded"}
    for row in rows:
        assert row["valid_from"] <= 120
        assert row["valid_to"] is None or row["valid_to"] > 120
    live = viewer.json("restores/", page_size=1)["results"][0]
    assert "valid_from" not in live


def test_before_the_first_restore_the_answer_is_when_it_was(viewer: Reader, database: str):
    step = consolidation.HostAdopted
    switch(step, 1, host_id=CONSOLIDATION_ID, fingerprint="f", id_offset=10**12)
    record([event(RestoreRequested, stream=uuid("first"))])
    catch_up()
    for as_of in ("0", "1", "2020-01-01"):
        problem = viewer.problem("restores/", 404, as_of=as_of)
        assert (problem["code"], problem["position"]) == ("not_yet_recorded", 2)
        assert problem["recorded_at"]
    assert viewer.problem("restores/", 400, as_of="99999")["code"] == "as_of_beyond_log"
    assert viewer.problem("restores/", 400, as_of="yesterday")["code"] == "as_of_invalid"


def test_a_position_that_the_table_has_not_reached_is_refused(viewer: Reader, end: int):
    record([event(RestoreRequested, stream=uuid("later"))])
    problem = viewer.problem("restores/", 409, as_of="now")
    assert (problem["code"], problem["position"]) == ("as_of_not_reached", end)
    Generation.objects.filter(label=VERSIONS).update(projector_version=0)
    assert viewer.problem("restores/", 409, as_of="9")["code"] == "as_of_not_reached"


def test_an_empty_log_has_an_empty_list(viewer: Reader, database: str):
    catch_up()
    page = viewer.json("restores/", as_of="now")
    assert (page["results"], page["as_of"]["position"]) == ([], 0)


def test_the_number_of_queries_does_not_grow_with_the_page(viewer: Reader, end: int):
    viewer.json("restores/", as_of=str(end))  # writes down that the token was used, once a minute
    counts = []
    for size in ("1", "40"):
        with CaptureQueriesContext(connection) as queries:
            viewer.json("restores/", as_of=str(end), page_size=size)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_lists_without_a_past_refuse_it_and_say_why(viewer: Reader):
    for path in ("legacy/restores/", "backups/"):
        problem = viewer.problem(path, 400, as_of="now")
        assert (problem["code"], problem["parameter"]) == ("unknown_parameter", "as_of")
        assert "Versions are kept of the rows" in problem["detail"]
