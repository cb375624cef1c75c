"""The forms of the actions on one restore. What they may say is what REST's bodies may."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from django import forms
from rest_framework import serializers

from api.console.forms import MOST
from api.console.restores.action_fields import form_field
from api.problems import as_problem
from api.v1.restores.bodies import AmendBody, Changes
from api.v1.restores.naming_backups import with_amended_backup

VALUE = "value"
"""The field with an amended column's new value."""


class AskedField(NamedTuple):
    """A field of a form: a member of the body, its label and what to say about it."""

    member: str
    label: str
    hint: str = ""


REASON = AskedField("reason", "Reason", "Why. The log keeps it with your name.")


class SentForm(forms.Form):
    """What a form says of itself: the version of the restore that was shown, and its own key."""

    version = forms.IntegerField(min_value=1, max_value=MOST)
    key = forms.UUIDField()


class ActionForm(forms.Form):
    """The fields of an action, and a box to confirm: to press the button alone is not enough.

    `given` is what the service gets, once the form is valid.
    """

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        body: type[serializers.Serializer],
        asked: tuple[AskedField, ...],
    ) -> None:
        super().__init__(data)
        self.body = body
        members = self.body().fields
        for one in asked:
            self.fields[one.member] = form_field(members[one.member], one.label, one.hint)
        self.fields["meant"] = forms.BooleanField(
            error_messages={"required": "Nothing was recorded: tick the box."}
        )
        self.given: dict[str, Any] = {}

    def asked_fields(self) -> list[forms.BoundField]:
        """All but the box."""
        return [self[name] for name in self.fields if name != "meant"]

    def said(self) -> dict[str, Any]:
        """The body that the fields make. What is left empty is not said."""
        return {
            name: _as_json(value)
            for name, value in self.cleaned_data.items()
            if name != "meant" and value not in (None, "")
        }

    def clean(self) -> None:
        super().clean()
        if self.errors:
            return
        body = self.body(data=self.said())
        try:
            body.is_valid(raise_exception=True)
        except serializers.ValidationError as error:
            problem = as_problem(error)
            assert problem is not None
            for member, texts in problem["errors"].items():
                self.add_error(VALUE if member.startswith("changes") else member, texts)
        else:
            told = body.validated_data.items()
            self.given = {name: value for name, value in told if value is not None}

    def for_service(self) -> dict[str, Any]:
        """What the service gets besides who and when; may look things up."""
        return self.given


class AmendForm(ActionForm):
    """The new value of one column. `present` is the old one as it is typed; None if it is too long.

    Another value has to be given, so that no event says that nothing was changed.
    """

    def __init__(
        self, data: Mapping[str, Any] | None, member: str, present: str | None, hint: str
    ) -> None:
        super().__init__(data, AmendBody, ())
        field = form_field(Changes().fields[member], "", hint)
        # A value that is cleared on purpose is sent empty.
        field.label, field.required = "New value", False
        field.initial = present
        meant = self.fields.pop("meant")
        reason = form_field(AmendBody().fields["reason"], REASON.label, REASON.hint)
        self.fields |= {VALUE: field, "reason": reason, "meant": meant}
        self.member = member

    def said(self) -> dict[str, Any]:
        value = _as_json(self.cleaned_data[VALUE])
        return {"changes": {self.member: value}, "reason": self.cleaned_data["reason"]}

    def clean(self) -> None:
        super().clean()
        typed = str(self.data.get(VALUE, "")).replace("\r\n", "\n")
        if typed == self.fields[VALUE].initial and not self.errors:
            self.add_error(VALUE, "Nothing was recorded: this is the value that it has.")

    def for_service(self) -> dict[str, Any]:
        return with_amended_backup({**self.given, "changes": dict(self.given["changes"])})


def _as_json(value: Any) -> Any:
    """A value as a request would send it."""
    return value.isoformat() if isinstance(value, datetime) else value
