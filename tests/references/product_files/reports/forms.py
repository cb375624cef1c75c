"""What staff may change of a restore."""

from admin_modules.database_management.models import (
    BackupLog,
    RestoreLog,
)
from django import forms


class RestoreForm(forms.ModelForm):
    """Its name and how it was begun."""

    class Meta:
        model = RestoreLog
        fields = ["name", "restore_method"]
        labels = {"restore_method": "Begun"}


class BackupForm(forms.ModelForm):
    """Its name."""

    class Meta:
        model = BackupLog
        fields = ["name"]
