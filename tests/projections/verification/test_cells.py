"""Cells: typed, length-delimited, and nothing that a column cannot hold."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

import pytest

from domain.values import Tagged
from projections.verification import cells
from projections.verification.cells import (
    NULL,
    UNFIT,
    anything,
    cell,
    cell_value,
    expected,
    found,
    time_cell,
)
from projections.verification.expected.schema import ColumnKind

TEXT = ColumnKind("text", 5, null=True)
WORD = ColumnKind("text", 20, null=True)
INTEGER = ColumnKind("integer", 2**31 - 1, null=True, smallest=0)
LINE = ColumnKind("text", 100, null=True)
TIME = ColumnKind("time", null=True)
PERSON = ColumnKind("person", 255, null=True)
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture(autouse=True)
def nothing_remembered() -> Iterator[None]:
    """Words, days and clocks are remembered by the process: every test begins anew."""
    for remembered in (*cells._WORDS.values(), cells._DAYS, cells._CLOCKS):
        remembered.clear()
    yield
    for remembered in (*cells._WORDS.values(), cells._DAYS, cells._CLOCKS):
        remembered.clear()


@pytest.mark.parametrize(
    ("holds", "value", "cell"),
    [
        (TEXT, None, "-"),
        (TEXT, "", "t0:"),
        (TEXT, "käse", "t5:käse"),
        (TEXT, "käsekä", UNFIT),
        (TEXT, "käsek", "t6:käsek"),
        (TEXT, "12345", "t5:12345"),
        (TEXT, "123456", UNFIT),
        (TEXT, "a\0b", UNFIT),
        (TEXT, 1, UNFIT),
        (WORD, "done", "t4:done"),
        (WORD, "x" * 20, f"t20:{'x' * 20}"),
        (WORD, "x" * 21, UNFIT),
        (WORD, None, NULL),
        (WORD, "a\0b", UNFIT),
        (WORD, 1, UNFIT),
        (WORD, True, UNFIT),
        (LINE, "x" * 100, f"t100:{'x' * 100}"),
        (LINE, "x" * 101, UNFIT),
        (TEXT, "\udcff", UNFIT),
        (INTEGER, 0, "i1:0"),
        (INTEGER, -1, UNFIT),
        (INTEGER, None, NULL),
        (INTEGER, 2**31 - 1, "i10:2147483647"),
        (INTEGER, 2**31, UNFIT),
        (INTEGER, True, UNFIT),
        (INTEGER, "1", UNFIT),
        (INTEGER, 1.0, UNFIT),
        (ColumnKind("text", 5), None, UNFIT),
        (ColumnKind("boolean"), True, "b1:1"),
        (ColumnKind("boolean"), 0, "b1:0"),
        (ColumnKind("boolean"), False, "b1:0"),
        (ColumnKind("boolean"), 1, "b1:1"),
        (ColumnKind("boolean"), 2, UNFIT),
        (ColumnKind("boolean"), 1.0, UNFIT),
        (ColumnKind("boolean"), "true", UNFIT),
        (ColumnKind("boolean"), None, UNFIT),
        (ColumnKind("boolean", null=True), None, NULL),
        (PERSON, 7, "t1:7"),
        (PERSON, 7.5, "t3:7.5"),
        (PERSON, "anna", "t4:anna"),
        (PERSON, b"\x0f\xff", "t4:0fff"),
        (PERSON, Tagged("decimal", "7.50"), "t4:7.50"),
        (PERSON, True, "t4:true"),
        (PERSON, False, "t5:false"),
        (PERSON, None, NULL),
        (PERSON, "x" * 256, UNFIT),
        (ColumnKind("extra"), "{}", "t2:{}"),
        (
            ColumnKind("uuid"),
            "0123456789abcdef0123456789abcdef",
            "u36:01234567-89ab-cdef-0123-456789abcdef",
        ),
        (TIME, None, NULL),
        (TIME, "2021-03-28 00:59:59.999999", "d26:2021-03-28T00:59:59.999999"),
        (TIME, "2021-03-28 00:59:59", "d26:2021-03-28T00:59:59.000000"),
        (TIME, "2021-03-28 00:59:59.5", "d26:2021-03-28T00:59:59.500000"),
        (TIME, "2021-03-28 00:59:59.1234567", UNFIT),
        (TIME, "2021-03-28 00:59:59,123456", UNFIT),
        (TIME, "2021-03-28_00:59:59", UNFIT),
        (TIME, "2021-03-28T00:59:59Z", "d26:2021-03-28T00:59:59.000000"),
        (TIME, "2021-03-28T02:59:59+02:00", "d26:2021-03-28T00:59:59.000000"),
        (TIME, "2021-03-28 02:59:59.25+02", "d26:2021-03-28T00:59:59.250000"),
        (TIME, "2021-03-28 00:59:59-05:30", "d26:2021-03-28T06:29:59.000000"),
        (TIME, "2021-W12-7 00:59:59", UNFIT),
        (TIME, "2021-W12-7 00:59+01", UNFIT),
        (TIME, "2021-03-28 00:59+01", UNFIT),
        (TIME, "2021-03-28", UNFIT),
        (TIME, "2021-03-28 00:59:59.x23456", UNFIT),
        (TIME, "2021-03-28 00:59:59.12345x", UNFIT),
        (TIME, "2021-03-28 00:59:59.١٢٣٤٥٦", UNFIT),
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
def test_the_cell_of_a_host_s_value(holds: ColumnKind, value: object, cell: str) -> None:
    assert expected(holds, (value,)) == [cell]


def test_many_values_give_as_many_cells_in_their_order() -> None:
    assert expected(WORD, ("done", None, "done", 1)) == ["t4:done", NULL, "t4:done", UNFIT]
    assert expected(ColumnKind("extra"), ("{}", "{}")) == ["t2:{}", "t2:{}"]
    assert expected(ColumnKind("extra"), ("{}", '{"a":"ä"}')) == ["t2:{}", 't10:{"a":"ä"}']
    assert expected(ColumnKind("extra"), ()) == []


def test_a_local_time_that_came_twice_is_the_first() -> None:
    assert time_cell("2021-10-31 02:30:00", BERLIN) == "d26:2021-10-31T00:30:00.000000"


def test_a_local_time_that_never_came_has_the_offset_from_before_the_gap() -> None:
    assert time_cell("2021-03-28 02:30:00", BERLIN) == "d26:2021-03-28T01:30:00.000000"


def test_only_times_without_an_offset_are_local_times_of_the_host_s_zone() -> None:
    said = ("2021-07-01 12:00:00", "2021-07-01T12:00:00+00:00", None, "noon")
    assert expected(TIME, said, BERLIN) == [
        "d26:2021-07-01T10:00:00.000000",
        "d26:2021-07-01T12:00:00.000000",
        NULL,
        UNFIT,
    ]


def test_words_that_come_again_are_remembered_but_never_what_a_column_cannot_hold() -> None:
    for holds in (WORD, LINE):
        expected(holds, ("done", "x" * 101, "done"))
        assert cells._WORDS[holds.limit] == {"done": "t4:done"}


def test_what_is_remembered_is_given_up_before_it_fills_the_memory() -> None:
    cells._WORDS[20].update({f"word {n}": "t4:word" for n in range(20_001)})
    assert expected(WORD, ("done",)) == ["t4:done"]
    assert list(cells._WORDS[20]) == ["done"]
    cells._DAYS.update({f"day {n}": False for n in range(200_001)})
    assert expected(TIME, ("2021-03-28 00:59:59",)) == ["d26:2021-03-28T00:59:59.000000"]
    assert list(cells._DAYS) == ["2021-03-28"]


@pytest.mark.parametrize(
    ("kind", "value", "cell"),
    [
        ("integer", 7, "i1:7"),
        ("integer", None, NULL),
        ("integer", True, "b1:1"),
        ("integer", "7", "t1:7"),
        ("integer", 7.0, "f3:7.0"),
        ("text", "seven", "t5:seven"),
        ("text", "käse", "t5:käse"),
        ("text", "\udcff", "t1:\udcff"),
        ("text", None, NULL),
        ("text", 7, "i1:7"),
        ("text", b"a", "x2:61"),
        ("boolean", 1, "b1:1"),
        ("boolean", True, "b1:1"),
        ("boolean", 0, "b1:0"),
        ("boolean", False, "b1:0"),
        ("boolean", None, NULL),
        ("boolean", "1", "t1:1"),
        ("boolean", 2, "i1:2"),
        ("time", "2021-03-28 00:59:59", "d26:2021-03-28T00:59:59.000000"),
        ("time", "2021-03-28 00:59:59.000001", "d26:2021-03-28T00:59:59.000001"),
        ("time", None, NULL),
        ("time", "yesterday", "t9:yesterday"),
        ("time", 1616889599, "i10:1616889599"),
        ("person", "7", "t1:7"),
        ("person", 7, "i1:7"),
        ("extra", "{}", "t2:{}"),
        ("extra", None, NULL),
        (
            "uuid",
            "0123456789abcdef0123456789abcdef",
            "u36:01234567-89ab-cdef-0123-456789abcdef",
        ),
        (
            "uuid",
            "01234567-89ab-cdef-0123-456789abcdef",
            "u36:01234567-89ab-cdef-0123-456789abcdef",
        ),
        ("uuid", "none", "t4:none"),
        ("uuid", 7, "i1:7"),
    ],
)
def test_the_cell_of_a_stored_value_keeps_its_type(kind: str, value: object, cell: str) -> None:
    assert found(kind, (value,)) == [cell]


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (None, NULL),
        (True, "b1:1"),
        (False, "b1:0"),
        (-17, "i3:-17"),
        (1.5, "f3:1.5"),
        ("käse", "t5:käse"),
        (b"\x0f\xff", "x4:0fff"),
    ],
)
def test_the_cell_of_any_value_tells_its_type(value: object, cell: str) -> None:
    assert anything(value) == cell


def test_a_cell_is_as_long_as_its_bytes() -> None:
    assert cell("t", "kase") == "t4:kase"
    assert cell("t", "käse") == "t5:käse"
    assert cell("t", "k\udce4se") == "t4:k\udce4se"  # a byte that is no UTF-8


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        (None, None),
        (NULL, None),
        (UNFIT, None),
        ("i3:-17", -17),
        ("b1:1", True),
        ("b1:0", False),
        ("t5:a:b:c", "a:b:c"),
        ("f3:1.5", "1.5"),
        ("d26:2021-03-28T00:59:59.000000", "2021-03-28T00:59:59.000000Z"),
        (
            "u36:01234567-89ab-cdef-0123-456789abcdef",
            "01234567-89ab-cdef-0123-456789abcdef",
        ),
    ],
)
def test_a_person_reads_what_a_cell_says(cell: str | None, value: object) -> None:
    assert cell_value(cell) == value
    assert type(cell_value(cell)) is type(value)
