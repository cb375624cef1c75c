"""The bodies of the commands on restores."""

from datetime import datetime
from typing import Any, get_args

from rest_framework import serializers

from api.v1.bodies.fields import BackupKey, Moment, NewUUID, StrictText, TrueOrFalse, WholeNumber
from api.v1.bodies.strict import StrictSerializer
from api.v1.recording import CommandBody
from domain.restores.rules import LONGEST_SECONDS
from domain.restores.values import Outcome, RestoreType, TriggerType
from domain.values import Tagged

LONGEST_TEXT = 65_536
WORD = 20
OPTIONAL: dict[str, Any] = {"required": False, "allow_null": True}


def when(what: str) -> Moment:
    """The time of a command."""
    return Moment(**OPTIONAL, help_text=f"When {what}, by the world's clock. Default: now.")


def message(what: str) -> StrictText:
    return StrictText(**OPTIONAL, allow_blank=True, max_length=LONGEST_TEXT, help_text=what)


class RequestBody(CommandBody):
    """A restore that somebody asks for."""

    name = StrictText(max_length=255, help_text="What people call it.")
    restore_id = NewUUID(
        **OPTIONAL, help_text="The restore's id, chosen by the client. Default: a random one."
    )
    source_backup = BackupKey(**OPTIONAL, help_text="The backup to restore from.")
    restore_type = serializers.ChoiceField(get_args(RestoreType), **OPTIONAL)
    trigger_type = serializers.ChoiceField(get_args(TriggerType), **OPTIONAL)
    target_database = StrictText(
        **OPTIONAL,
        allow_blank=True,
        max_length=100,
        help_text="The database to restore into. Default: the backup's, if there is one.",
    )
    is_overwrite = TrueOrFalse(**OPTIONAL, help_text="Whether the target may be overwritten.")
    message = message("What was said about it.")
    requested_at = when("it was requested")


class StartBody(CommandBody):
    """The restore command started."""

    started_at = when("it started")


class CompleteBody(CommandBody):
    """The restore command succeeded."""

    completed_at = when("it ended")
    outcome = serializers.ChoiceField(
        get_args(Outcome), **OPTIONAL, help_text="`partial`: not everything was restored."
    )
    message = message("What it reported.")


class FailBody(CommandBody):
    """The restore command failed."""

    failed_at = when("it ended")
    message = message("What it reported.")


class CancelBody(CommandBody):
    """Somebody cancelled the restore."""

    cancelled_at = when("it was cancelled")
    message = message("Why, or what it reported.")


class Changes(StrictSerializer):
    """The corrected columns, with their new values. `restore_type` cannot be corrected."""

    name = StrictText(required=False, max_length=255)
    source_backup = BackupKey(**OPTIONAL)
    status = StrictText(required=False, max_length=WORD)
    trigger_type = StrictText(required=False, max_length=WORD)
    target_database = StrictText(required=False, allow_blank=True, max_length=100)
    is_overwrite = TrueOrFalse(required=False)
    started_at = Moment(**OPTIONAL)
    completed_at = Moment(**OPTIONAL)
    duration_seconds = WholeNumber(**OPTIONAL, min_value=0, max_value=LONGEST_SECONDS)
    message = StrictText(required=False, allow_blank=True, max_length=LONGEST_TEXT)

    def to_internal_value(self, data: Any) -> Any:
        """The changes as the events keep them: times are tagged."""
        return {
            name: Tagged("time", value.isoformat()) if isinstance(value, datetime) else value
            for name, value in super().to_internal_value(data).items()
        }


class AmendBody(CommandBody):
    """A correction of the row, whatever its origin and status."""

    changes = Changes(help_text="What is corrected.")
    reason = StrictText(max_length=1000, help_text="Why. The trail keeps it, and the old values.")
    amended_at = when("it was corrected")
