"""What a page asks before it takes a step of the consolidation."""

from typing import Any

from django import forms

from api.remedies import FIELDS

MOST = 2**63 - 1


class StepForm(forms.Form):
    """Why, and that it is meant: nothing is done by pressing the button alone."""

    reason = forms.CharField(label=FIELDS["reason"], required=False, max_length=1000)
    meant = forms.BooleanField(error_messages={"required": "Nothing was done: tick the box."})

    def asked(self) -> tuple[str | None, int | None]:
        """The reason, and how many quarantined rows are accepted."""
        told: dict[str, Any] = self.cleaned_data
        return told["reason"] or None, told.get("accept_quarantined")


class ProvenStepForm(StepForm):
    """Of a step that verifies."""

    accept_quarantined = forms.IntegerField(
        label=FIELDS["accept_quarantined"], required=False, min_value=0, max_value=MOST
    )


class FinalForm(ProvenStepForm):
    """Of the last one, which has to be explained."""

    reason = forms.CharField(
        label=FIELDS["reason"],
        max_length=1000,
        error_messages={"required": "Nothing was done: it takes a reason."},
    )
