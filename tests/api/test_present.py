"""Rows that a list of restores leaves out: counted in each list, and listed with `present=any`."""

import json
from collections import Counter
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from domain.restores import events as restores
from projections.engine import version_cells
from projections.engine.catch_up import catch_up
from projections.engine.models import Generation, GenerationState, WithheldRow
from projections.row_versions.models import RestoreVersion
from projections.system_backups.models import RestoreLog
from tests.api.conftest import Reader
from tests.api.test_pagination import walk
from tests.projections.histories import NATIVE, consolidated_columns, event, history, record, uuid
from tests.support import here

SOURCE, VERSIONS = "system_backups.RestoreLog", "row_versions.RestoreVersion"


@pytest.fixture
def withheld(database: str, monkeypatch: pytest.MonkeyPatch) -> dict[int, WithheldRow]:
    """The rows that are kept out of the table, by id; the versions are in small blocks."""
    monkeypatch.setattr(version_cells, "BLOCK", 50)
    monkeypatch.setattr(version_cells, "SIZES", range(3, 20, 2))
    record(history(3, 70))
    catch_up()
    kept = WithheldRow.objects.filter(
        generation__label=SOURCE, generation__state=GenerationState.LIVE
    )
    found = {one.row_id: one for one in kept if one.row_id is not None}
    assert {one.cause for one in found.values()} == {"vanished", "quarantined"}
    return found


@pytest.mark.parametrize(
    "ordering", ["id", "-created_at", "name", "-status", "duration_seconds", "-counts_at"]
)
def test_each_row_comes_once_also_those_that_are_not_in_the_table(
    viewer: Reader, withheld: dict[int, WithheldRow], ordering: str
):
    asked = {"present": "any", "ordering": ordering}
    there = walk(viewer, "restores/", "next", **asked, page_size=9)
    rows = [row for page in there for row in page["results"]]
    ids = [row["id"] for row in rows]
    assert Counter(ids) == Counter([*RestoreLog.objects.values_list("pk", flat=True), *withheld])
    assert viewer.ids("restores/", **asked, page_size=1000) == ids
    back = walk(viewer, there[-1]["previous"], "previous")
    assert [page["results"] for page in reversed(back)] == [page["results"] for page in there[:-1]]
    for row in rows:
        kept = withheld.get(row["id"])
        assert row["present"] == (kept is None)
        assert row["absence"] == (kept and kept.cause)
        assert row["absence_reason"] == (kept and kept.reason)
        if kept and kept.cause == "quarantined":
            assert row[row["absence_column"]] is None
    assert there[0]["left_out"] == {"vanished": 0, "quarantined": 0}
    only = viewer.ids("restores/", present="false", ordering=ordering, page_size=1000)
    assert only == [id for id in ids if id in withheld]


def moment(row: dict[str, Any]) -> Any:
    return row["completed_at"] or row["started_at"] or row["created_at"]


def test_a_list_says_how_many_rows_it_leaves_out(viewer: Reader, withheld: dict[int, WithheldRow]):
    page = viewer.json("restores/", page_size=5)
    assert page["left_out"] == dict(Counter(one.cause for one in withheld.values()))
    assert "left_out" not in viewer.json(page["next"])
    absent = viewer.json("restores/", present="false", page_size=1000)["results"]
    for asked, keeps in (
        ({"origin": "consolidated"}, lambda row: row["origin"] == "consolidated"),
        ({"name": "nowhere"}, lambda row: row["name"] == "nowhere"),
        ({"since": "2024-05-01"}, lambda row: (moment(row) or "") >= "2024-05-01"),
        ({"present": "true"}, lambda row: True),
    ):
        due = Counter(row["absence"] for row in absent if keeps(row))
        said = viewer.json("restores/", **asked)["left_out"]
        assert said == {"vanished": due["vanished"], "quarantined": due["quarantined"]}, asked
    legacy = viewer.json("legacy/restores/")["left_out"]
    assert legacy.keys() == {"vanished", "quarantined"}
    assert viewer.json("backups/", status="no such")["left_out"]["quarantined"] > 0


def test_what_was_left_out_at_a_position_is_listed_as_of_it(viewer: Reader, database: str):
    def changed(**columns: Any) -> dict[str, Any]:
        return {**NATIVE, "columns": consolidated_columns(**columns)}

    record(
        [
            event(restores.RestoreImported, **changed(name="one")),
            event(restores.RestoreChangedInHost, 2, **changed(name="two", status="x" * 21)),
            event(restores.RestoreVanishedFromHost, 3),
        ]
    )
    catch_up()
    for position, absence, column in (
        (1, None, None),
        (2, "quarantined", "status"),
        (3, "vanished", ""),
    ):
        page = viewer.json("restores/", present="any", as_of=str(position))
        (row,) = page["results"]
        assert (row["absence"], row["absence_column"]) == (absence, column)
        assert page["as_of"]["position"] == position
        default = viewer.json("restores/", as_of=str(position))
        assert len(default["results"]) + sum(default["left_out"].values()) == 1
    quarantined = viewer.json("restores/", present="any", as_of="2")["results"][0]
    assert quarantined["absence_reason"] == "21 characters, and the column holds 20"
    assert (quarantined["name"], quarantined["status"]) == ("two", None)
    assert viewer.json("restores/")["left_out"] == {"vanished": 1, "quarantined": 0}
    assert viewer.problem("restores/", 400, present="no")["code"] == "invalid"


def test_a_list_does_not_wait_for_versions_that_are_behind(
    viewer: Reader, withheld: dict[int, WithheldRow]
):
    Generation.objects.filter(label=VERSIONS).update(projector_version=0)
    assert viewer.json("restores/")["left_out"] is None
    assert viewer.problem("restores/", 503, present="any")["code"] == "versions_behind"


def test_a_list_says_how_overwriting_is_known(viewer: Reader, database: str):
    def imported(name: str, **said: Any) -> Any:
        ids = {"consolidated_id": len(name)}
        return event(restores.RestoreImported, stream=uuid(name), **{**NATIVE, **ids, **said})

    record(
        [
            imported("o", columns=consolidated_columns(is_overwrite=1)),
            imported("as", assumed={"is_overwrite": False}),
            imported("der", derived={"is_overwrite": True}),
            imported("amen", assumed={"is_overwrite": False}),
            event(restores.RestoreAmended, 2, stream=uuid("amen"), changes={"is_overwrite": True}),
        ]
    )
    catch_up()
    rows = viewer.json("restores/", ordering="id")["results"]
    assert [(row["id"], row["is_overwrite_known_by"]) for row in rows] == [
        *((1, "observed"), (2, "assumed"), (3, "derived"), (4, "recorded")),
    ]
    assert {"present", "valid_from", "absence"} & rows[0].keys() == set()


def test_the_number_of_queries_does_not_grow_with_the_page(
    viewer: Reader, withheld: dict[int, WithheldRow]
):
    for asked in ({}, {"present": "any"}):
        counts = []
        viewer.json("restores/", **asked)  # what is left out is counted once
        for size in ("1", "40"):
            with CaptureQueriesContext(connection) as queries:
                viewer.json("restores/", page_size=size, **asked)
            counts.append(len(queries))
        assert counts[0] == counts[1]


def test_a_long_message_of_the_past_has_no_address(viewer: Reader, database: str):
    long = consolidated_columns(message="x" * 600)
    record(
        [
            event(restores.RestoreImported, **{**NATIVE, "columns": long}),
            event(restores.RestoreAmended, 2, changes={"name": "other"}),
        ]
    )
    catch_up()
    now, then = (viewer.json("restores/", as_of=at)["results"][0] for at in ("2", "1"))
    assert then["truncated"]["message"]["whole"] is None
    assert viewer.get(now["truncated"]["message"]["whole"]).streaming


def test_a_message_that_does_not_fit_is_null_in_lists_and_files(auditor: Reader, database: str):
    columns = consolidated_columns(message="a\0b")
    record([event(restores.RestoreImported, **{**NATIVE, "columns": columns})])
    catch_up()
    (row,) = auditor.json("restores/", present="any")["results"]
    assert (row["absence_column"], row["message"]) == ("message", None)
    file = auditor.get("exports/restores/", present="any", format="ndjson")
    line = json.loads(b"".join(file.streaming_content))
    assert (line["absence_column"], line["message"]) == ("message", None)


def test_what_is_left_out_is_counted_again_after_a_rebuild(
    viewer: Reader, withheld: dict[int, WithheldRow]
):
    absent = QuerySet(RestoreVersion).filter(present=False)
    there = absent.filter(valid_to=None).exclude(origin="legacy")
    expected = dict(Counter(there.values_list("absence", flat=True)))
    absent.delete()  # as only whoever has the database can
    assert set(viewer.json("restores/")["left_out"].values()) == {0}
    here.run("rebuild")
    assert viewer.json("restores/")["left_out"] == expected
