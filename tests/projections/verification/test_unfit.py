"""Why a column cannot hold what was said, in words for whoever has to accept it."""

import pytest

from domain.values import Tagged, Value
from projections.verification.expected.schema import ColumnKind
from projections.verification.expected.violations import FORM, plain, why_unfit

INTEGER = ColumnKind("integer", 2**31 - 1, smallest=0)
TEXT = ColumnKind("text", 5)
PERSON = ColumnKind("person", 255)
NOT_BETWEEN = "a number that is not between 0 and 2147483647"


@pytest.mark.parametrize(
    ("holds", "said", "why"),
    [
        (TEXT, None, "NULL, and the column is NOT NULL"),
        (ColumnKind("time"), None, "NULL, and the column is NOT NULL"),
        (INTEGER, -1, NOT_BETWEEN),
        (INTEGER, 2**31, NOT_BETWEEN),
        (INTEGER, "seventeen", "not a whole number"),
        (INTEGER, "17", "a whole number, but not as an integer of 64 bits"),
        (INTEGER, Tagged("decimal", "17.00"), "a whole number, but not as an integer of 64 bits"),
        (INTEGER, 1.5, "not a whole number"),
        (INTEGER, True, "not a whole number"),
        (TEXT, 17, "not text"),
        (TEXT, b"bytes", "not text"),
        (TEXT, "käsekä", "6 characters, and the column holds 5"),
        (TEXT, "abc\0ef", "6 characters, and the column holds 5"),
        (TEXT, "abc\0e", "a NUL character"),
        (TEXT, "abcd\udcff", "not text, or not Unicode"),
        (TEXT, Tagged("raw", "6bff"), "not text, or not Unicode"),
        (PERSON, b"\xff" * 200, "400 characters, and the column holds 255"),
        (PERSON, "x" * 256, "256 characters, and the column holds 255"),
        (PERSON, "\0", "a NUL character"),
        (ColumnKind("boolean"), 2, "neither true nor false"),
        (ColumnKind("boolean"), "yes", "neither true nor false"),
        (ColumnKind("time"), Tagged("time", "0000-00-00 00:00:00"), f"not a time like {FORM}"),
        (ColumnKind("time"), 17, "not of a type of times"),
        (ColumnKind("time"), "2021-03-28 00:59:59", "not of a type of times"),
        (TEXT, Tagged("float", "1.5"), "not text"),
        (PERSON, Tagged("bytes", "ff" * 200), "400 characters, and the column holds 255"),
        (INTEGER, Tagged("decimal", "1.5"), "not a whole number"),
        (ColumnKind("boolean"), Tagged("raw", "on"), "neither true nor false"),
        (ColumnKind("extra"), 17, "not what the column holds"),
        (ColumnKind("uuid"), "17", "not what the column holds"),
    ],
)
def test_it_says_what_is_wrong_and_not_what_was_said(
    holds: ColumnKind, said: object, why: str
) -> None:
    assert why_unfit(holds, said) == why


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (Tagged("decimal", "9223372036854775808"), 9_223_372_036_854_775_808),
        (Tagged("decimal", "-9223372036854775809"), -9_223_372_036_854_775_809),
    ],
)
def test_what_json_could_not_keep_is_as_the_host_said_it(value: Value, said: object) -> None:
    assert plain(value) == said


@pytest.mark.parametrize(
    "value",
    [
        None,
        17,
        "text",
        Tagged("decimal", "9223372036854775807"),
        Tagged("decimal", "99999999999999999999.5"),
        Tagged("float", "99999999999999999999"),
        Tagged("bytes", "6bff"),
        Tagged("raw", "6bff"),
        Tagged("raw", "10.0.0.1"),
        Tagged("time", "10000-01-01 00:00:00"),
    ],
)
def test_whatever_else_was_kept_stays_as_it_is(value: Value) -> None:
    assert plain(value) is value
