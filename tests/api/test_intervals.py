"""`since`, `until`, `last` and `tz` of lists: which rows, and the same ones over all pages."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.api.conftest import Reader
from tests.api.rows import NOON, backup, hours, legacy, put, restore
from tests.api.test_pagination import walk


@pytest.mark.parametrize(("path", "make"), [("restores/", restore), ("legacy/restores/", legacy)])
def test_a_restore_counts_at_its_end_or_at_its_start_while_it_runs(
    viewer: Reader, path: str, make: Callable[..., Any]
):
    before, after = NOON - hours(9), NOON + hours(9)
    put(
        make(1, created_at=before, started_at=before, completed_at=NOON),
        make(2, created_at=before, started_at=NOON + hours(1)),
        make(3, created_at=NOON + hours(2)),
        make(4, created_at=NOON, started_at=NOON, completed_at=after),
        make(5, created_at=NOON, started_at=before),
        make(6, created_at=before),
    )
    page = viewer.json(path, since="2025-06-01 12:00", until="2025-06-01 14:00")
    assert [row["id"] for row in page["results"]] == [3, 2, 1]
    assert page["interval"] == {
        "since": "2025-06-01T12:00:00Z",
        "before": "2025-06-01T14:00:00.000001Z",
        "tz": "UTC",
    }
    assert viewer.ids(path, since="2025-06-01 12:00", ordering="id") == [1, 2, 3, 4]
    assert viewer.ids(path, ordering="-counts_at") == [4, 3, 2, 1, 6, 5]
    assert "interval" not in viewer.json(path, tz="Europe/Berlin")


def test_a_day_is_that_of_the_zone_and_is_included_as_a_whole(viewer: Reader):
    put(*(restore(n, completed_at=NOON + hours(n * 3)) for n in range(8)))
    asked = {"since": "2025-06-02", "until": "2025-06-02", "ordering": "id"}
    assert viewer.ids("restores/", **asked) == [4, 5, 6, 7]
    assert viewer.ids("restores/", **asked, tz="Asia/Kolkata") == [3, 4, 5, 6, 7]
    page = viewer.json("restores/", **asked, tz="-10:00")
    assert page["interval"] == {
        "since": "2025-06-02T10:00:00Z",
        "before": "2025-06-03T10:00:00Z",
        "tz": "-10:00",
    }


@pytest.mark.parametrize("ordering", [{}, {"ordering": "id"}, {"ordering": "counts_at"}])
def test_the_interval_is_the_same_on_all_pages(viewer: Reader, ordering: dict[str, str]):
    now = datetime.now(UTC)
    put(*(restore(n, completed_at=now - hours(n)) for n in range(1, 6)))
    pages = walk(viewer, "restores/", "next", last="4 hours", page_size=2, **ordering)
    assert sorted(row["id"] for page in pages for row in page["results"]) == [1, 2, 3]
    assert pages[0]["interval"] == pages[1]["interval"]
    assert datetime.fromisoformat(pages[0]["interval"]["before"]) >= now
    link = parse_qs(urlsplit(pages[0]["next"]).query)
    assert "last" not in link
    assert link["since"] == [pages[0]["interval"]["since"]]
    assert viewer.json(pages[1]["previous"])["results"] == pages[0]["results"]


def test_backups_are_in_the_interval_in_which_they_were_made(viewer: Reader):
    put(*(backup(n, created_at=NOON + hours(n) if n else None) for n in range(4)))
    page = viewer.json("backups/", since="2025-06-01 14:00")
    assert [row["id"] for row in page["results"]] == [3, 2]
    assert page["interval"]["since"] == "2025-06-01T14:00:00Z"


@pytest.mark.parametrize(
    ("asked", "parameter"),
    [
        ({"since": "soon"}, "since"),
        ({"since": ""}, "since"),
        ({"until": "2025-01-01", "since": "2025-02-01"}, "until"),
        ({"last": "24h", "since": "yesterday"}, "last"),
        ({"last": "9" * 30 + "d"}, "last"),
        ({"last": "yesterday"}, "last"),
        ({"tz": "Europe/Berlim"}, "tz"),
        ({"since": "0001-01-01", "tz": "+14:00"}, "since"),
    ],
)
def test_an_interval_that_makes_no_sense_is_refused(
    viewer: Reader, asked: dict[str, str], parameter: str
):
    problem = viewer.problem("restores/", 400, **asked)
    assert (problem["code"], problem["parameter"]) == ("interval_invalid", parameter)
    assert viewer.problem("restores/", 400, since="x" * 101)["code"] == "invalid"


def test_the_restores_of_a_backup_have_intervals_too(viewer: Reader):
    put(backup(1))
    put(restore(1, source_backup_id=1, completed_at=NOON), restore(2, completed_at=NOON))
    assert viewer.ids("backups/1/restores/", since="2025-06-01", until="2025-06-01") == [1]
    assert viewer.ids("backups/1/restores/", since="2025-06-02") == []
