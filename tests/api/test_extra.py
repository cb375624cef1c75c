"""`extra.NAME`: rows by the host's other columns, alike on both databases."""

from typing import Any

import msgspec
import pytest

from tests.api.conftest import Reader
from tests.api.rows import backup, legacy, put, restore

CELLS: dict[int, Any] = {
    1: True,
    2: 1,
    3: False,
    4: 0,
    5: None,
    6: "true",
    7: "1.50",
    8: {"$": "decimal", "v": "1.50"},
    9: 2**63 + 5,
    10: 'it\'s "quoted" \\ ü \n 💾',
    11: "",
    12: {"$": "time", "v": "2024-05-01 12:00:00"},
    13: "nul \0 within",
    14: -7,
}
FOUND = [
    ("true", [1, 2, 6]),
    ("TRUE", [1, 2]),
    ("1", [1, 2]),
    ("false", [3, 4]),
    ("0", [3, 4]),
    ("1.50", [7, 8]),
    ("1.5", []),
    (str(2**63 + 5), [9]),
    ('it\'s "quoted" \\ ü \n 💾', [10]),
    ("", [11]),
    ("2024-05-01 12:00:00", [12]),
    ("-7", [14]),
    ("null", []),
    ("' OR 1=1 --", []),
]


def cell(name: str, value: Any) -> str:
    return msgspec.json.encode({"before": "}", name: value, "after": [1]}).decode()


@pytest.mark.parametrize(
    ("path", "row"),
    [("restores/", restore), ("legacy/restores/", legacy), ("backups/", backup)],
)
def test_each_value_is_found_by_what_is_written_in_the_address(viewer: Reader, path: str, row: Any):
    put(*(row(id, extra=cell("odd", value)) for id, value in CELLS.items()), row(99))
    for asked, ids in FOUND:
        assert sorted(viewer.ids(path, **{"extra.odd": asked})) == ids, asked
    assert sorted(viewer.ids(path, **{"extra.odd_isnull": "true"})) == [5, 99]
    assert 5 not in viewer.ids(path, **{"extra.odd_isnull": "false"})
    assert len(viewer.ids(path, **{"extra.odd_isnull": "false"})) == len(CELLS) - 1


@pytest.mark.parametrize("name", ["what?", "50%", 'say "hi"', "it's", "größe", "a.b", "$[0]", "%s"])
def test_a_column_may_be_called_anything(viewer: Reader, name: str):
    put(legacy(1, extra=cell(name, "x")), legacy(2, extra=cell("another", "x")))
    assert viewer.ids("legacy/restores/", **{f"extra.{name}": "x"}) == [1]


def test_several_are_combined_with_each_other_and_the_rest(viewer: Reader):
    put(
        legacy(1, extra='{"a":1,"b":"x"}', status="failed"),
        legacy(2, extra='{"a":1,"b":"y"}', status="failed"),
        legacy(3, extra='{"a":1,"b":"x"}'),
    )
    both = {"extra.a": "true", "extra.b": "x"}
    assert viewer.ids("legacy/restores/", **both) == [3, 1]
    assert viewer.ids("legacy/restores/", status="failed", **both) == [1]


def test_pages_of_it_lead_on(viewer: Reader):
    put(*(legacy(id, extra='{"a":"x"}') for id in range(1, 6)), legacy(6))
    first = viewer.json("legacy/restores/", page_size=3, **{"extra.a": "x"})
    assert [row["id"] for row in viewer.json(first["next"])["results"]] == [2, 1]


def test_what_cannot_be_is_refused_by_name(viewer: Reader):
    for name, value in [
        ("extra.a", "x" * 1001),
        ("extra.a", "a\0b"),
        ("extra.a\0", "x"),
        ("extra.a_isnull", "maybe"),
    ]:
        problem = viewer.problem("restores/", 400, **{name: value})
        assert list(problem["errors"]) == [name]
    assert viewer.problem("restores/", 400, **{"extra.": "x"})["code"] == "unknown_parameter"
    assert viewer.problem("projections/", 400, **{"extra.a": "x"})["code"] == "unknown_parameter"
    twice = viewer.problem("restores/?extra.a=1&extra.a=2", 400)
    assert twice["code"] == "repeated_parameter"
