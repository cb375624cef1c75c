"""Cells: typed, length-delimited, and nothing that a column cannot hold."""

from zoneinfo import ZoneInfo

import pytest

from projections.verification.cells import UNFIT, expected, found, instant
from projections.verification.rules import Holds

TEXT = Holds("text", 5, null=True)
WORD = Holds("text", 20, null=True)
INTEGER = Holds("integer", 2**31 - 1, null=True, smallest=0)
TIME = Holds("time", null=True)


@pytest.mark.parametrize(
    ("holds", "value", "cell"),
    [
        (TEXT, None, "-"),
        (TEXT, "", "t0:"),
        (TEXT, "käse", "t5:käse"),
        (TEXT, "käsekä", UNFIT),
        (TEXT, "12345", "t5:12345"),
        (TEXT, "123456", UNFIT),
        (TEXT, "a\0b", UNFIT),
        (WORD, "a\0b", UNFIT),
        (WORD, 1, UNFIT),
        (WORD, True, UNFIT),
        (TEXT, "\udcff", UNFIT),
        (INTEGER, 0, "i1:0"),
        (INTEGER, -1, UNFIT),
        (INTEGER, 2**31, UNFIT),
        (INTEGER, True, UNFIT),
        (INTEGER, "1", UNFIT),
        (INTEGER, 1.0, UNFIT),
        (Holds("text", 5), None, UNFIT),
        (Holds("boolean"), True, "b1:1"),
        (Holds("boolean"), 0, "b1:0"),
        (Holds("boolean"), 2, UNFIT),
        (Holds("person", 255, null=True), 7, "t1:7"),
        (TIME, "2021-03-28 00:59:59.999999", "d26:2021-03-28T00:59:59.999999"),
        (TIME, "2021-03-28 00:59:59", "d26:2021-03-28T00:59:59.000000"),
        (TIME, "2021-03-28 00:59:59.5", "d26:2021-03-28T00:59:59.500000"),
        (TIME, "2021-03-28T02:59:59+02:00", "d26:2021-03-28T00:59:59.000000"),
        (TIME, "2021-02-29 00:00:00", UNFIT),
        (TIME, "2021-03-28 24:00:00", UNFIT),
        (TIME, "2021-03-28 00:00:60", UNFIT),
        (TIME, "0000-00-00T00:00:00.000000", UNFIT),
        (TIME, "0001-01-01 00:00:00+01:00", UNFIT),
        (TIME, "10000-01-01 00:00:00", UNFIT),
        (TIME, "infinity", UNFIT),
        (TIME, 1616889599, UNFIT),
        (TIME, b"2021-03-28 00:59:59", UNFIT),
    ],
)
def test_the_cell_of_a_host_s_value(holds: Holds, value: object, cell: str) -> None:
    assert expected(holds, (value,)) == [cell]


def test_a_local_time_that_came_twice_is_the_first() -> None:
    cell = instant("2021-10-31 02:30:00", ZoneInfo("Europe/Berlin"))
    assert cell == "d26:2021-10-31T00:30:00.000000"


def test_a_local_time_that_never_came_has_the_offset_from_before_the_gap() -> None:
    cell = instant("2021-03-28 02:30:00", ZoneInfo("Europe/Berlin"))
    assert cell == "d26:2021-03-28T01:30:00.000000"


@pytest.mark.parametrize(
    ("kind", "value", "cell"),
    [
        ("integer", 7, "i1:7"),
        ("integer", "7", "t1:7"),
        ("integer", 7.0, "f3:7.0"),
        ("text", 7, "i1:7"),
        ("text", b"a", "x2:61"),
        ("boolean", 1, "b1:1"),
        ("boolean", True, "b1:1"),
        ("boolean", "1", "t1:1"),
        ("boolean", 2, "i1:2"),
        ("time", "2021-03-28 00:59:59", "d26:2021-03-28T00:59:59.000000"),
        ("time", "yesterday", "t9:yesterday"),
        ("uuid", "0" * 31 + "1", "u36:00000000-0000-0000-0000-000000000001"),
    ],
)
def test_the_cell_of_a_stored_value_keeps_its_type(kind: str, value: object, cell: str) -> None:
    assert found(kind, (value,)) == [cell]
