"""The form fields of the filters. They refuse, as 400, values that a database cannot process.

An absent parameter is None. A present but empty one is an error, except for text, where it means
empty text: a filter is never silently ignored.
"""

import re
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django import forms
from django.core.exceptions import ValidationError

from infrastructure.event_store.moments import WHOLE, NotAMoment, read_moment

BIGINT = range(-(2**63), 2**63)
IN_CALENDAR = r"^(?!0001-01-01.*[+]|9999-12-31.*-[0-9:]+$)"
"""The pattern of a time that no offset takes out of the calendar."""
CANONICAL_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
LONGEST = 1_000
"""Characters of a text to filter by."""


class StrictField(forms.Field):
    """A field whose `parse` returns the text's value or raises ValidationError."""

    widget = forms.TextInput

    def to_python(self, value: Any) -> Any:
        return None if value is None else self.parse(value)

    def parse(self, text: str) -> Any:
        raise NotImplementedError


class WholeNumberField(StrictField):
    """An integer of 64 bits, in decimal."""

    def parse(self, text: str) -> int:
        if WHOLE.fullmatch(text) and int(text) in BIGINT:
            return int(text)
        raise ValidationError("Give a whole number of at most 64 bits.", "invalid")


class MomentField(StrictField):
    """A time in ISO 8601; one without an offset, or a date alone, is UTC."""

    def parse(self, text: str) -> datetime:
        return parse_time(text)


class UUIDTextField(StrictField):
    """A UUID, hyphenated."""

    def parse(self, text: str) -> UUID:
        if CANONICAL_UUID.fullmatch(text):
            return UUID(text)
        raise ValidationError("Give a UUID.", "invalid")


class TruthField(StrictField):
    """`true` or `false`."""

    def parse(self, text: str) -> bool:
        if text.lower() in ("true", "1"):
            return True
        if text.lower() in ("false", "0"):
            return False
        raise ValidationError("Give true or false.", "invalid")


class TextField(forms.CharField):
    """Text as it is, including blanks; without NUL, which PostgreSQL cannot store."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": LONGEST, "strip": False, **kwargs})

    def to_python(self, value: Any) -> str | None:
        return None if value is None else super().to_python(value)


class TextsField(TextField):
    """Several texts, comma-separated."""

    def clean(self, value: Any) -> list[str] | None:
        text = super().clean(value)
        return None if text is None else text.split(",")


class JSONTextField(TextField):
    """A JSON object, in the form in which it is stored."""

    def clean(self, value: Any) -> str | None:
        text = super().clean(value)
        if text is None:
            return None
        try:
            return msgspec.json.encode(msgspec.json.decode(text, type=dict[str, Any])).decode()
        except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
            raise ValidationError("Give a JSON object.", "invalid") from error


def parse_time(text: str) -> datetime:
    """An aware UTC time from ISO 8601 text. Raises Django's ValidationError."""
    try:
        return read_moment(text)
    except NotAMoment as error:
        raise ValidationError(how_to_write_times(text), "invalid") from error


def how_to_write_times(text: str) -> str:
    """The error message for a text that is not a time."""
    hint = " In a URL, the + of an offset must be percent-encoded." if " " in text[11:] else ""
    return f"Give a time such as 2024-05-01T12:00:00Z, from year 1 to 9999.{hint}"


def uuid_spellings(key: str) -> list[str]:
    """The text; if it is a UUID, also the other forms in which a host may have written it."""
    try:
        parsed = UUID(key.strip())
    except ValueError:
        return [key]
    plain = (str(parsed), parsed.hex)
    written = [*plain, *(text.upper() for text in plain)]
    return list(dict.fromkeys([key, *written, *(f"{{{text}}}" for text in written)]))
