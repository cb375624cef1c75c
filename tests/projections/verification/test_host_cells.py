"""The host's values by the published recipe: as its own database writes them, times in full."""

from typing import Any

import pytest

from projections.verification.actual.readers.base import ReadColumn, Wanted
from projections.verification.certificate.host_cells import host_cells


def cell(vendor: str, type_: str, value: Any, kind: str = "verbatim") -> str:
    (cell,) = host_cells(vendor, Wanted(ReadColumn("c", type_), kind), [value])
    return cell


@pytest.mark.parametrize("vendor", ["postgresql", "mysql", "sqlite"], ids=["pg", "my", "lite"])
@pytest.mark.parametrize(
    ("value", "says"),
    [
        (None, "-"),
        ("", "t0:"),
        ("daily", "t5:daily"),
        ("käse", "t5:käse"),
        (17, "i2:17"),
        (True, "b1:1"),
        (1.5, "f3:1.5"),
        (b"\x00\xff", "x4:00ff"),
        ("2024-05-01 12:30:00", "t19:2024-05-01 12:30:00"),
    ],
)
def test_a_value_is_a_cell_of_its_own_type(vendor: str, value: Any, says: str):
    assert cell(vendor, "text", value) == says


def test_bytes_that_come_as_text_are_hexadecimal():
    assert cell("postgresql", "bytea", "\\x00ff") == "x4:00ff"
    assert cell("postgresql", "bytea", "\\x") == "x0:"
    assert cell("postgresql", "bytea", None) == "-"


@pytest.mark.parametrize("vendor", ["mysql", "sqlite"])
def test_a_column_that_only_is_called_so_elsewhere_is_text(vendor: str):
    assert cell(vendor, "bytea", "\\x00ff") == "t6:\\x00ff"


TIMES = [
    ("postgresql", "timestamp"),
    ("postgresql", "timestamptz"),
    ("mysql", "datetime"),
    ("mysql", "datetime(6)"),
    ("mysql", "timestamp(3)"),
]


@pytest.mark.parametrize(("vendor", "type_"), TIMES, ids=["pg", "pg-zone", "my", "my-6", "my-3"])
@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("2024-05-01 12:30:00", "t26:2024-05-01T12:30:00.000000"),
        ("2024-05-01 12:30:00.5", "t26:2024-05-01T12:30:00.500000"),
        ("2024-05-01 12:30:00.123456+00", "t26:2024-05-01T12:30:00.123456"),
        ("infinity", "t8:infinity"),
        ("0044-03-15 00:00:00 BC", "t22:0044-03-15 00:00:00 BC"),
        (None, "-"),
        (17, "i2:17"),
    ],
)
def test_a_time_is_written_to_the_microsecond(vendor: str, type_: str, value: Any, says: str):
    assert cell(vendor, type_, value) == says


@pytest.mark.parametrize(
    ("vendor", "type_"),
    [
        ("sqlite", "datetime"),
        ("sqlite", "timestamp"),
        ("mysql", "date"),
        ("mysql", "timestam"),
        ("postgresql", "date"),
        ("postgresql", "datetime"),
    ],
    ids=["lite", "lite-2", "my", "my-2", "pg", "pg-2"],
)
def test_what_is_no_time_to_its_database_stays_as_it_is_written(vendor: str, type_: str):
    assert cell(vendor, type_, "2024-05-01 12:30:00") == "t19:2024-05-01 12:30:00"


@pytest.mark.parametrize(("vendor", "type_"), TIMES, ids=["pg", "pg-zone", "my", "my-6", "my-3"])
def test_a_time_that_is_compared_is_the_one_that_was_read(vendor: str, type_: str):
    for read in ("2024-05-01T12:30:00.000000", "2024-05-01 12:30:00"):
        assert cell(vendor, type_, read, kind="time") == f"t{len(read)}:{read}"
