"""What a column shows of a host's value, kind by kind."""

from datetime import UTC, datetime
from typing import Any

import pytest

from domain.values import Tagged
from projections.mapping import conversions


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2021-03-28 00:59:59", datetime(2021, 3, 28, 0, 59, 59, tzinfo=UTC)),
        ("2021-03-28T00:59:59.5", datetime(2021, 3, 28, 0, 59, 59, 500_000, tzinfo=UTC)),
        ("2021-03-28 00:59:59.999999", datetime(2021, 3, 28, 0, 59, 59, 999_999, tzinfo=UTC)),
        ("2021-03-28 00:59:59Z", datetime(2021, 3, 28, 0, 59, 59, tzinfo=UTC)),
        ("2021-03-28 02:59:59+02:00", datetime(2021, 3, 28, 0, 59, 59, tzinfo=UTC)),
        ("2021-03-28 02:59:59+02", datetime(2021, 3, 28, 0, 59, 59, tzinfo=UTC)),
        ("2021-03-28 02:59:59.000001-14:00", datetime(2021, 3, 28, 16, 59, 59, 1, tzinfo=UTC)),
        ("2021-03-28T02:59:59.5+02:0", None),
        ("", None),
        ("yesterday, at midnight", None),
    ],
)
def test_a_time_is_an_instant_in_utc(text: str, moment: datetime | None):
    if moment is None:
        with pytest.raises(conversions.ConversionError, match="not a time like YYYY-MM-DD"):
            conversions.to_time(Tagged("time", text))
    else:
        shown = conversions.to_time(Tagged("time", text))
        assert shown == moment
        assert shown is not None
        assert shown.tzinfo is UTC


@pytest.mark.parametrize(
    ("value", "shown"), [(None, None), (True, True), (False, False), (1, True), (0, False)]
)
def test_a_host_may_store_a_boolean_as_a_number(value: Any, shown: bool | None):
    assert conversions.to_boolean(value) is shown


@pytest.mark.parametrize("value", [2, -1, "1", "", Tagged("float", "1.0")])
def test_nothing_else_is_a_boolean(value: Any):
    with pytest.raises(conversions.ConversionError, match="neither true nor false"):
        conversions.to_boolean(value)


def test_a_value_in_a_message_is_shortened_to_eighty_characters():
    assert conversions.quoted_value("x" * 78) == f"'{'x' * 78}'"
    assert conversions.quoted_value("x" * 79) == f"'{'x' * 76}..."
    assert conversions.quoted_value(Tagged("bytes", "00ff")) == "bytes '00ff'"


@pytest.mark.parametrize("value", ["17", "-17.0", Tagged("decimal", "17.00")])
def test_a_whole_number_of_another_type_is_said_to_be_one(value: Any):
    with pytest.raises(conversions.ConversionError, match="not as an integer of 64 bits"):
        conversions.to_integer(value)


@pytest.mark.parametrize(
    ("value", "key"), [(True, "true"), (False, "false"), (0, "0"), (Tagged("raw", "a-b"), "a-b")]
)
def test_a_key_is_text_whatever_its_type(value: Any, key: str):
    assert conversions.to_key(value) == key
