"""The forms with which a page takes a step of the consolidation."""

from typing import Any

from django import forms

from api.remedies import FIELDS

MOST = 2**63 - 1


class StepForm(forms.Form):
    """The reason, and a box to confirm: to press the button alone is not enough."""

    reason = forms.CharField(label=FIELDS["reason"], required=False, max_length=1000)
    meant = forms.BooleanField(error_messages={"required": "Nothing was done: tick the box."})

    def asked(self) -> tuple[str | None, int | None]:
        """The reason, and how many quarantined rows are accepted."""
        told: dict[str, Any] = self.cleaned_data
        return told["reason"] or None, told.get("accept_quarantined")


class ProvenStepForm(StepForm):
    """The form of a step that verifies."""

    accept_quarantined = forms.IntegerField(
        label=FIELDS["accept_quarantined"], required=False, min_value=0, max_value=MOST
    )


class FinalForm(ProvenStepForm):
    """The form of the last step, which needs a reason."""

    reason = forms.CharField(
        label=FIELDS["reason"],
        max_length=1000,
        error_messages={"required": "Nothing was done: a reason is needed."},
    )
