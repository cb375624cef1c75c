"""The tables and their verification take the same texts for the same instants, and no others."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from domain.times import read_time
from domain.values import Tagged
from infrastructure.hosts.local_times import local_to_instant
from projections.mapping import conversions
from projections.verification.cells import UNFIT, expected
from projections.verification.expected.schema import ColumnKind

ZONES = (None, ZoneInfo("Europe/Berlin"), ZoneInfo("America/St_Johns"))
TIMES = (
    "2021-03-28 02:30:00",
    "2021-10-31T02:30:00.5",
    "1999-12-31 23:59:59.999999",
    "1999-12-31 23:59:59.000001Z",
    "2024-02-29T12:00:00+05:59",
    "2024-02-29 12:00:00-14:00",
    "2024-02-29 12:00:00.25-03",
    "0001-01-01 00:00:00",
    "9999-12-31 23:59:59.999999",
)
NOT_TIMES = (
    "", " ", "T", "2024-02-29", "20240229", "20240229T120000", "2024-060", "2024-W09", "2024W094",
    "2024-W09-4", "2024-W09-4T12:00:00", "2024-W09-4 12:00:00.25", "2024-02-29T12",
    "2024-02-29 12:00", "2024-02-29 12:00Z", "2024-02-29 1200", "2024-02-29 120000",
    "2024-02-29 12:00:00,25", "2024-02-29 12:00:00.", "2024-02-29 12:00:00.2512345",
    "2024-02-29 12:00:00.0000000", "2024-02-29t12:00:00", "2024-02-29 12:00:00z",
    "2024-02-29_12:00:00", "2024-02-29  12:00:00", " 2024-02-29 12:00:00", "2024-02-29 12:00:00 ",
    "2024-02-29 12:00:00\n", "2024-02-29 24:00:00", "2024-02-29 24:00:00.000000",
    "2024-02-29 23:60:00", "2024-02-29 23:59:60", "2023-02-29 12:00:00", "2024-13-01 12:00:00",
    "0000-01-01 00:00:00", "10000-01-01 00:00:00", "-001-01-01 00:00:00", "+2024-01-01 00:00:00",
    "2024-02-29 12:00:00+0530", "2024-02-29 12:00:00+5", "2024-02-29 12:00:00+05:3",
    "2024-02-29 12:00:00+05:60", "2024-02-29 12:00:00+14:01", "2024-02-29 12:00:00-15",
    "2024-02-29 12:00:00+05:30:00", "2024-02-29 12:00:00-00:00", "2024-02-29 12:00:00-00",
    "2024-02-29 12:00:00 +05:30", "2024-02-29 12:00:00 UTC", "2024-02-29 12:00:00ZZ",
    "٢٠٢٤-02-29 12:00:00", "2024-02-29 12:00:00.٢٥", "2024-02-29 12:00:00+٠٥",
    "infinity", "-infinity", "0044-03-15 12:00:00+00 BC", "0000-00-00 00:00:00",
    "2024-02-29 12:00:00.1234567", "2024-02-29T12:00:00.123456789Z", "now", "1709208000",
)  # fmt: skip
BEYOND = ("0001-01-01 00:00:00+05:00", "9999-12-31 23:59:59-05:00")
"""Of the form, but with an instant outside the calendar."""


def shown(text: str, zone: ZoneInfo | None) -> datetime | None:
    """What a table shows of a host's text in a column of local times; None if it is kept out."""
    value = Tagged("time", text)
    when = None if zone is None else local_to_instant(text, zone)
    try:
        return conversions.to_time(value if when is None else when.time)
    except conversions.ConversionError:
        return None


def as_cell(moment: datetime | None) -> str:
    if moment is None:
        return UNFIT
    return "d26:" + moment.replace(tzinfo=None).isoformat(timespec="microseconds")


def changed(text: str) -> set[str]:
    """Texts that are one character away."""
    found = set()
    for at in range(len(text) + 1):
        for other in (
            "",
            "0",
            "6",
            "9",
            "٣",
            "-",
            "+",
            ":",
            ".",
            ",",
            " ",
            "T",
            "t",
            "Z",
            "W",
            "\0",
        ):
            found.add(text[:at] + other + text[at:])
            found.add(text[:at] + other + text[at + 1 :])
    return found


@pytest.mark.parametrize("text", TIMES)
@pytest.mark.parametrize("zone", ZONES)
def test_whatever_is_one_character_away_is_the_same_to_both(text: str, zone: ZoneInfo | None):
    for other in changed(text):
        assert expected(ColumnKind("time"), [other], zone) == [as_cell(shown(other, zone))], other


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("text", [*NOT_TIMES, *BEYOND])
def test_what_is_not_an_instant_is_kept_out_by_both(text: str, zone: ZoneInfo | None):
    assert shown(text, zone) is None
    assert expected(ColumnKind("time"), [text], zone) == [UNFIT]


@pytest.mark.parametrize("text", NOT_TIMES)
def test_what_is_of_another_form_is_not_a_time(text: str):
    assert read_time(text) is None


@pytest.mark.parametrize("text", TIMES)
def test_no_digit_of_a_time_is_lost(text: str):
    moment = read_time(text)
    assert moment is not None
    assert moment.isoformat(sep=text[10]).startswith(text[:19])
    digits = text[20:26].rstrip("Z") if text[19:20] == "." else ""
    assert f"{moment.microsecond:06}".startswith(digits.partition("-")[0])
