"""The fields of request bodies. A value of another JSON type is refused, not converted."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.validators import ProhibitSurrogateCharactersValidator

from api.v1.filters.fields import CANONICAL_UUID, IN_CALENDAR
from domain.restores import attributes
from domain.times import FORM, read_time

BIGGEST = 2**63 - 1
TIME = (
    IN_CALENDAR + r"(000[1-9]|00[1-9][0-9]|0[1-9][0-9]{2}|[1-9][0-9]{3})-[0-9]{2}-[0-9]{2}[ T]"
    r"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?"
    # An offset of at most 14 hours; `-00:00` is an unknown one.
    r"(Z|\+00(:[0-5][0-9])?|-00:(0[1-9]|[1-5][0-9])"
    r"|[+-](0[1-9]|1[0-3])(:[0-5][0-9])?|[+-]14(:00)?)$"
)
NEW_UUID = (
    "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-46-9a-fA-F][0-9a-fA-F]{3}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$"
)
WITH_NUL = {"type": "string", "pattern": r"\x00"}
"""For `not` in schemas. Tools that compile a pattern for whole texts take long for long ones."""
MOST_CONTENTS = 1_000
NAME = 255
OF_HOSTS = 5
"""The version of the UUIDs that rows of a host get, from host, table and key."""


class StrictText(serializers.CharField):
    """Text as it is, with its blanks; no NUL, which PostgreSQL cannot store."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"trim_whitespace": False, **kwargs})

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return str(super().to_internal_value(data))


def as_whole(data: Any) -> Any:
    """A number without a fraction as an integer: JSON does not tell 1 from 1.0."""
    return int(data) if type(data) is float and data.is_integer() else data


class WholeNumber(serializers.IntegerField):
    """An integer of JSON, at most 64 bits."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_value": BIGGEST, **kwargs})

    def to_internal_value(self, data: Any) -> int:
        number = as_whole(data)
        if type(number) is not int:
            self.fail("invalid")
        return int(number)


class TrueOrFalse(serializers.BooleanField):
    """`true` or `false`."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


@extend_schema_field({"type": "string", "format": "date-time", "pattern": TIME})
class Moment(serializers.Field):
    """A time with its zone, as ISO 8601."""

    default_error_messages = {
        "invalid": f"Give a time with its zone, such as 2026-05-01T12:00:00Z: {FORM}."
    }

    def to_internal_value(self, data: Any) -> datetime:
        found = read_time(data) if isinstance(data, str) else None
        try:
            if found is not None and found.tzinfo is not None:
                return found.astimezone(UTC)
        except OverflowError:
            pass  # its offset takes it out of the calendar
        return self.fail("invalid")


@extend_schema_field({"type": "number", "minimum": 0, "maximum": 100})
class Percent(serializers.Field):
    """A number from 0 to 100."""

    default_error_messages = {"invalid": "Give a number from 0 to 100."}

    def to_internal_value(self, data: Any) -> float:
        if type(data) in (int, float) and 0 <= data <= 100:
            return float(data)
        return self.fail("invalid")


@extend_schema_field(
    {
        "type": "object",
        "maxProperties": attributes.MOST,
        "propertyNames": {
            "pattern": f"^{attributes.NAME}$",
            "not": {
                "anyOf": [
                    {"enum": sorted(attributes.COLUMNS)},
                    {"pattern": f"{attributes.ABSENT}$"},
                ]
            },
        },
        "additionalProperties": {
            "anyOf": [
                {"type": "string", "maxLength": attributes.LONGEST, "not": WITH_NUL},
                {"type": "integer", "minimum": -(2**63), "maximum": BIGGEST},
                {"type": "number"},
                {"type": ["boolean", "null"]},
            ]
        },
    }
)
class AttributesField(serializers.Field):
    """A flat object. What it may contain, the domain decides: see `domain.restores.attributes`."""

    default_error_messages = {"invalid": "Give a flat object, such as a ticket's number by name."}

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if not isinstance(data, dict):
            return self.fail("invalid")
        for text in (*data, *(value for value in data.values() if isinstance(value, str))):
            ProhibitSurrogateCharactersValidator()(text)
        return data


@extend_schema_field(
    {
        "type": "object",
        "maxProperties": 1000,
        "propertyNames": {"minLength": 1, "maxLength": 255, "not": WITH_NUL},
        "additionalProperties": {"type": ["integer", "null"], "minimum": 0, "maximum": BIGGEST},
    }
)
class Contents(serializers.Field):
    """What a backup contains: names with their numbers of rows, or null."""

    default_error_messages = {
        "invalid": "Give an object of at most 1,000 names, of up to 255 characters, with a whole "
        "number or null each."
    }

    def to_internal_value(self, data: Any) -> dict[str, int | None]:
        if not isinstance(data, dict) or len(data) > MOST_CONTENTS:
            return self.fail("invalid")
        data = {name: as_whole(rows) for name, rows in data.items()}
        for name, rows in data.items():
            whole = rows is None or (type(rows) is int and 0 <= rows <= BIGGEST)
            if not whole or not 1 <= len(name) <= NAME or "\0" in name:
                return self.fail("invalid")
            ProhibitSurrogateCharactersValidator()(name)
        return data


@extend_schema_field({"type": "string", "format": "uuid", "pattern": NEW_UUID})
class NewUUID(serializers.Field):
    """An id that a client chose, such as a random UUID.

    Version 5 is refused: an import gives those to the host's rows, so one could be taken then.
    """

    default_error_messages = {"invalid": "Give a UUID, hyphenated, of any version but 5."}

    def to_internal_value(self, data: Any) -> UUID:
        if isinstance(data, str) and CANONICAL_UUID.fullmatch(data) and data[14] != str(OF_HOSTS):
            return UUID(data)
        return self.fail("invalid")


@extend_schema_field(
    {
        "oneOf": [
            {"type": "integer", "minimum": 0, "maximum": BIGGEST},
            {"type": "string", "format": "uuid", "pattern": NEW_UUID.replace("[0-46-9", "[0-9")},
        ]
    }
)
class BackupKey(serializers.Field):
    """A backup: an id that only one backup has, in either table, or its UUID."""

    default_error_messages = {"invalid": "Give the backup's id, a number, or its UUID, a text."}

    def to_internal_value(self, data: Any) -> int | UUID:
        number = as_whole(data)
        if type(number) is int and 0 <= number <= BIGGEST:
            return number
        if isinstance(data, str) and CANONICAL_UUID.fullmatch(data):
            return UUID(data)
        return self.fail("invalid")
