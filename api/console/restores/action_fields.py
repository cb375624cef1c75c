"""Fields of forms, made from those of REST's bodies: so a page takes what a request may say."""

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.utils.timezone import now
from rest_framework import serializers

from api.v1.bodies.fields import BackupKey, Moment, TrueOrFalse, WholeNumber
from infrastructure.event_store.moments import NotAMoment
from infrastructure.spoken_times import FORMS, spoken_moment

LONG = 2_000
"""From this many characters on a text may have lines."""
YES_OR_NO = (("true", "yes"), ("false", "no"))


class SpokenTimeField(forms.CharField):
    """A time as people write it, in UTC unless it says otherwise; None if it is left empty."""

    def clean(self, value: Any) -> datetime | None:
        text = super().clean(value)
        if not text:
            return None
        try:
            return spoken_moment(text, now(), UTC)
        except NotAMoment as error:
            raise forms.ValidationError(f"This is not a time. Give {FORMS}.") from error


class Lines(forms.CharField):
    """A text of several lines. Browsers send each line's end as two characters."""

    widget = forms.Textarea(attrs={"rows": 4})

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value)).replace("\r\n", "\n")


class BackupNamed(forms.CharField):
    """A backup's id, as a number, or its UUID, as text; None if it is left empty."""

    def clean(self, value: Any) -> int | str | None:
        text = super().clean(value)
        if text.isascii() and text.isdecimal() and len(text) < 19:
            return int(text)
        return text or None


def form_field(kind: serializers.Field, label: str, hint: str = "") -> forms.Field:
    """The field of a form for this field of a body."""
    needed = kind.required and not getattr(kind, "allow_blank", False)
    said = label if needed else f"{label} (optional)"
    how: dict[str, Any] = {"label": said, "help_text": hint, "required": needed}
    most = getattr(kind, "max_length", None)
    match kind:
        case Moment():
            return SpokenTimeField(**how, max_length=100, widget=_input())
        case TrueOrFalse():
            return forms.TypedChoiceField(
                **how, choices=YES_OR_NO, coerce=lambda told: told == "true"
            )
        case WholeNumber():
            return forms.IntegerField(**how, widget=_input(inputmode="numeric"))
        case BackupKey():
            return BackupNamed(**how, max_length=100, widget=_input())
        case serializers.ChoiceField():
            words = ((one, one.replace("_", " ")) for one in kind.choices)
            return forms.ChoiceField(**how, choices=(("", "choose"), *words))
        case _ if most is not None and most > LONG:
            return Lines(**how, max_length=most)
    return forms.CharField(**how, max_length=most, widget=_input())


def as_typed(value: Any) -> str:
    """A value of a row as it stands in such a field."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case datetime():
            return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ")
    return str(value)


def _input(**attributes: str) -> forms.TextInput:
    return forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", **attributes})
