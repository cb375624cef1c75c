"""Conversion of the cells of a host row to the values of an event, without rounding.

The conversion depends on the column's declared type and on the Python type that the driver
returns. A row's *signature*, the types of its cells, repeats from row to row, so the list of cells
to convert is computed once per signature.
"""

import re
from collections.abc import Callable, Sequence
from functools import partial
from math import isfinite, isnan
from typing import Any

from domain.values import Tagged, Value
from infrastructure.hosts.schema import Family

Cell = Callable[[Any], Value]
Conversions = dict[tuple[Family, type], Cell]
"""The conversion of a cell by family and type; other cells are not changed."""

FAMILIES: tuple[Family, ...] = (
    "bool", "int", "text", "time", "decimal", "float", "bytes", "raw",
)  # fmt: skip
_NUMBER = re.compile(r"[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?").fullmatch
_SMALLEST, _BIGGEST = -(2**63), 2**63 - 1

time: Cell = partial(Tagged, "time")
decimal: Cell = partial(Tagged, "decimal")
number: Cell = partial(Tagged, "float")
raw: Cell = partial(Tagged, "raw")


def whole_number(text: str) -> Value:
    """A whole number from its digits; a decimal when it does not fit 64 bits."""
    value = int(text)
    return value if _SMALLEST <= value <= _BIGGEST else Tagged("decimal", text)


def python_float(value: float) -> Value:
    """The shortest text that reads back as the same number."""
    if isfinite(value):
        return Tagged("float", repr(value))
    if isnan(value):
        return Tagged("float", "NaN")
    return Tagged("float", "Infinity" if value > 0 else "-Infinity")


def blob(value: bytes) -> Value:
    return Tagged("bytes", value.hex())


def decimal_if_number(text: str) -> Value:
    """Text in a numeric column: a decimal if it is a number, else plain text.

    `NaN` and `Infinity` are not numbers; digits are those of ASCII, without underscores or blanks.
    """
    return Tagged("decimal", text) if _NUMBER(text) else text


def text_or_raw(data: bytes) -> Value:
    """Text from its bytes; their hexadecimal digits when they are not UTF-8."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return Tagged("raw", data.hex())


def text_of_any_bytes(text: str) -> Value:
    """Text; the hexadecimal digits of its bytes where some came as surrogates."""
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            return Tagged("raw", text.encode("utf-8", "surrogateescape").hex())
    return text


def raw_of_any_bytes(text: str) -> Value:
    value = text_of_any_bytes(text)
    return value if isinstance(value, Tagged) else Tagged("raw", text)


def converter(
    families: Sequence[Family], conversions: Conversions
) -> Callable[[Sequence[Any]], list[Value]]:
    """A function that converts a driver's row to an event's values, in the same order."""
    plans: dict[tuple[type, ...], list[tuple[int, Cell]]] = {}

    def convert(row: Sequence[Any]) -> list[Value]:
        signature = tuple(map(type, row))
        try:
            plan = plans[signature]
        except KeyError:
            plan = plans[signature] = [
                (place, conversions[cell])
                for place, cell in enumerate(zip(families, signature, strict=True))
                if cell in conversions
            ]
        values = list(row)
        for place, cell in plan:
            values[place] = cell(values[place])
        return values

    return convert
