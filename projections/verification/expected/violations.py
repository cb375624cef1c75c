"""Texts that say why a column cannot hold a value, for the person who has to accept it."""

import re

from domain.values import Tagged, Value
from projections.verification.cells import person
from projections.verification.expected.schema import BIGINT, ColumnKind

_WHOLE = re.compile("[+-]?[0-9]+")
_WHOLE_DECIMAL = re.compile("[+-]?[0-9]+([.]0*)?")
FORM = "YYYY-MM-DD HH:MM:SS, with at most six digits of a second, in the years 1 to 9999"


def plain(value: Value) -> object:
    """A value from an event in the host's form, if JSON could not hold it.

    This concerns whole numbers beyond 64 bits; other tagged values stay tagged.
    """
    if isinstance(value, Tagged) and value.kind == "decimal" and _WHOLE.fullmatch(value.v):
        whole = int(value.v)
        return value if -BIGINT - 1 <= whole <= BIGINT else whole
    return value


def why_unfit(holds: ColumnKind, said: object) -> str:
    """The reason, without the value itself, which may be of any kind."""
    if said is None:
        return "NULL, and the column is NOT NULL"
    match holds.kind:
        case "integer":
            if isinstance(said, int) and not isinstance(said, bool):
                return f"a number that is not between {holds.smallest} and {holds.limit}"
            text = said.v if isinstance(said, Tagged) else said
            if isinstance(text, str) and _WHOLE_DECIMAL.fullmatch(text):
                return "a whole number, but not as an integer of 64 bits"
            return "not a whole number"
        case "text" | "person":
            if holds.kind == "person":
                said = person(said)
            if isinstance(said, Tagged) and said.kind == "raw":
                # Text of another type, or bytes that are not text in any known encoding.
                return "not text, or not Unicode"
            if not isinstance(said, str):
                return "not text"
            if len(said) > holds.limit:
                return f"{len(said)} characters, and the column holds {holds.limit}"
            return "a NUL character" if "\0" in said else "not text, or not Unicode"
        case "boolean":
            return "neither true nor false"
        case "time":
            if isinstance(said, Tagged) and said.kind == "time":
                return f"not a time like {FORM}"
            return "not of a type of times"
    return "not what the column holds"
