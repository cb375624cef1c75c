"""Every row once, in both directions, whatever the ordering and whatever arrives meanwhile."""

import random
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import QuerySet

from projections.system_backups.models import RestoreLog
from tests.api.conftest import Reader
from tests.api.rows import NOON, hours, put, restore

ROWS = 110
ORDERINGS = (
    "started_at",
    "-started_at",
    "duration_seconds,-name",
    "-completed_at,status,-duration_seconds",
    "status",
    "-name",
    "-created_by",
    "id",
    "-counts_at",
    "restore_id",
)


def many(count: int) -> list[Any]:
    """Rows with plenty of ties and NULLs in every column that can have them."""
    chance = random.Random(20)
    return [
        restore(
            id,
            name=chance.choice(["a", "b", "ä", "Z", ""]),
            status=chance.choice(["completed", "failed"]),
            is_overwrite=chance.random() < 0.5,
            started_at=chance.choice([None, NOON, NOON + timedelta(microseconds=1)]),
            completed_at=chance.choice([None, NOON, NOON + timedelta(hours=1)]),
            duration_seconds=chance.choice([None, 0, 1, 2]),
            created_by_id=chance.choice([None, "1", "10", "2"]),
        )
        for id in range(1, count + 1)
    ]


def walk(reader: Reader, url: str, link: str, **parameters: Any) -> list[Any]:
    """Every page from here on, following `next` or `previous`."""
    pages = [reader.json(url, **parameters)]
    while pages[-1][link] is not None:
        pages.append(reader.json(pages[-1][link]))
    return pages


def ids(page: Any) -> list[int]:
    return [row["id"] for row in page["results"]]


@pytest.mark.parametrize("ordering", ORDERINGS)
def test_each_row_comes_once_in_both_directions(viewer: Reader, ordering: str):
    put(*many(ROWS))
    there = walk(viewer, "restores/", "next", ordering=ordering, page_size=30)
    assert [len(ids(page)) for page in there] == [30, 30, 30, 20]
    forwards = [id for page in there for id in ids(page)]
    assert sorted(forwards) == list(range(1, ROWS + 1))
    assert forwards == viewer.ids("restores/", ordering=ordering, page_size=100) + forwards[100:]
    back = walk(viewer, there[-1]["previous"], "previous")
    assert [id for page in reversed(back) for id in ids(page)] == forwards[:90]


def test_null_is_greater_than_every_value_on_both_databases(viewer: Reader):
    put(
        restore(1, started_at=NOON),
        restore(2, started_at=None),
        restore(3, started_at=NOON + timedelta(hours=1)),
        restore(4, started_at=None),
    )
    assert viewer.ids("restores/", ordering="started_at") == [1, 3, 2, 4]
    assert viewer.ids("restores/", ordering="-started_at") == [4, 2, 3, 1]
    assert viewer.ids("restores/", ordering="-started_at,id") == [2, 4, 3, 1]


@pytest.mark.parametrize("ordering", ["created_at", "-created_at", "-started_at", "started_at"])
def test_rows_that_arrive_meanwhile_make_none_repeat_and_none_be_missed(
    viewer: Reader, ordering: str
):
    put(*many(120))
    page = viewer.json("restores/", ordering=ordering, page_size=25)
    seen = ids(page)
    new = 1_000
    while page["next"]:
        for moment in (None, NOON - timedelta(days=1), NOON + timedelta(days=1)):
            put(restore(new, started_at=moment, created_at=moment or NOON))
            new += 1
        page = viewer.json(page["next"])
        seen += ids(page)
    assert len(seen) == len(set(seen))
    assert set(range(1, 121)) <= set(seen)


def test_an_empty_list_has_no_other_pages(viewer: Reader):
    left_out = {"quarantined": 0, "vanished": 0}
    empty = {"next": None, "previous": None, "results": [], "left_out": left_out}
    assert viewer.json("restores/") == empty


def test_links_keep_the_filters(viewer: Reader):
    put(*(restore(id, status="failed" if id % 2 else "completed") for id in range(1, 11)))
    pages = walk(viewer, "restores/", "next", status="failed", page_size=2, ordering="id")
    assert [ids(page) for page in pages] == [[1, 3], [5, 7], [9]]


def test_a_list_of_a_range_is_in_the_order_of_its_column(viewer: Reader):
    put(*(restore(id, created_at=NOON + hours(id), duration_seconds=60 // id) for id in (1, 2, 3)))
    of_range = {"duration_seconds_min": 20, "duration_seconds_max": 90}
    assert viewer.ids("restores/", **of_range) == [1, 2, 3]
    pages = walk(viewer, "restores/", "next", **of_range, page_size=2)
    assert [ids(page) for page in pages] == [[1, 2], [3]]
    assert viewer.ids("restores/", **of_range, ordering="-created_at") == [3, 2, 1]
    of_two = {**of_range, "created_at_after": NOON.isoformat()}
    assert viewer.ids("restores/", **of_two) == [3, 2, 1]


def test_when_the_next_page_is_gone_the_way_back_still_begins_where_it_was(viewer: Reader):
    put(restore(1), restore(2), restore(3))
    page = viewer.json("restores/", ordering="id", page_size=2)
    QuerySet(RestoreLog).filter(pk=3).delete()
    gone = viewer.json(page["next"])
    assert gone["results"] == []
    assert ids(viewer.json(gone["previous"])) == [1, 2]


def test_a_page_size_out_of_bounds_is_refused(viewer: Reader):
    for size in ["0", "1001", "-1", "ten", "", "1e2", "99999999999999", "٣"]:
        problem = viewer.problem("restores/", 400, page_size=size)
        assert (problem["code"], problem["parameter"]) == ("page_size_invalid", "page_size")


FORGED = [
    *("", "x", "%%%", "AAAA", "é", "bnVsbA", "W10", "\0", "=" * 10),
    "WyJpZCIsMCwwLFsxXV0",  # of an ordering by id
    "WyItY3JlYXRlZF9hdCwtaWQiLDAsMCxbIm5vdyIsMV1d",  # a time that is none
    "WyItY3JlYXRlZF9hdCwtaWQiLDAsMCxbbnVsbCwxXV0",  # NULL in a column without
    "WyItY3JlYXRlZF9hdCwtaWQiLDAsMCxbIjIwMjUtMDEtMDFUMDA6MDA6MDBaIix0cnVlXV0",  # a truth as id
    "WyItY3JlYXRlZF9hdCwtaWQiLDAsMCxbIjIwMjUtMDEtMDFUMDA6MDA6MDBaIiwxZTMwMF1d",  # 1e300
]


def test_a_cursor_that_was_not_made_here_is_refused(viewer: Reader):
    for cursor in FORGED:
        problem = viewer.problem("restores/", 400, cursor=cursor)
        assert (problem["code"], problem["parameter"]) == ("cursor_invalid", "cursor")


def test_a_cursor_of_another_ordering_is_refused(viewer: Reader):
    put(restore(1), restore(2))
    link = viewer.json("restores/", ordering="name", page_size=1)["next"]
    problem = viewer.problem(link.replace("ordering=name", "ordering=id"), 400)
    assert problem["code"] == "cursor_invalid"


def test_an_ordering_that_cannot_be_is_refused(viewer: Reader):
    unserved = ["is_overwrite", "-version", "status,name", "status,-created_at"]
    for ordering in ["nothing", "", "message", "id,id", "id,-id", "--id", "?", *unserved]:
        problem = viewer.problem("restores/", 400, ordering=ordering)
        assert (problem["code"], problem["parameter"]) == ("ordering_invalid", "ordering")
