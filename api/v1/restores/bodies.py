"""The bodies of the commands on restores."""

from datetime import datetime
from typing import Any, get_args

from rest_framework import serializers

from api.v1.bodies.fields import (
    AttributesField,
    BackupKey,
    Moment,
    NewUUID,
    Percent,
    StrictText,
    TrueOrFalse,
    WholeNumber,
)
from api.v1.bodies.strict import StrictSerializer
from api.v1.recording import CommandBody
from domain.restores.rules import LONGEST_SECONDS
from domain.restores.values import (
    CheckResult,
    FailureCause,
    Outcome,
    RestoreType,
    TriggerType,
)
from domain.values import Tagged

LONGEST_TEXT = 65_536
LONGEST_LINE = 2_000
LONGEST_PHASE = 500
MOST_LINES = 100
WORD = 20
ENDS = ("completed", "partial", "failed", "cancelled")
OPTIONAL: dict[str, Any] = {"required": False, "allow_null": True}


def when(what: str) -> Moment:
    """The time of a command."""
    return Moment(**OPTIONAL, help_text=f"When {what}, by the world's clock. Default: now.")


def message(what: str) -> StrictText:
    return StrictText(**OPTIONAL, allow_blank=True, max_length=LONGEST_TEXT, help_text=what)


def output() -> StrictText:
    return StrictText(
        **OPTIONAL,
        allow_blank=True,
        max_length=LONGEST_TEXT,
        help_text="The end of what the command printed, without secrets.",
    )


def texts(what: str) -> serializers.ListField:
    line = StrictText(allow_blank=True, max_length=LONGEST_LINE)
    return serializers.ListField(child=line, **OPTIONAL, max_length=MOST_LINES, help_text=what)


def exit_code() -> WholeNumber:
    return WholeNumber(**OPTIONAL, min_value=-(2**31), max_value=2**31 - 1)


def signal() -> StrictText:
    return StrictText(
        **OPTIONAL, max_length=WORD, help_text="The signal that ended it, such as `SIGKILL`."
    )


def warnings() -> serializers.ListField:
    return texts("The first of its warnings.")


def warnings_count() -> WholeNumber:
    return WholeNumber(
        **OPTIONAL,
        min_value=0,
        max_value=LONGEST_SECONDS,
        help_text="How many there were, at least as many as are listed.",
    )


def cause() -> serializers.ChoiceField:
    return serializers.ChoiceField(
        get_args(FailureCause),
        **OPTIONAL,
        help_text="`not_started`: the command could not be started. `interrupted`: whoever watched "
        "it is gone, so nobody knows how it ended. Default: `error`.",
    )


OF_THE_START = {"started_at", "command", "host"}
OF_ANY_END = {*OF_THE_START, "completed_at", "output"}
OF_COMPLETED = {*OF_ANY_END, "exit_code", "warnings", "warnings_count"}
OF_THE_END = {*OF_COMPLETED, "cause", "signal", "errors"}
OF_ENDS = {
    "completed": OF_COMPLETED,
    "partial": OF_COMPLETED,
    "failed": OF_THE_END,
    "cancelled": {*OF_ANY_END, "signal"},
}
"""The members that say how a restore went, by its status."""


def _given(member: str, **how: Any) -> dict[str, Any]:
    return {"required": [member], "properties": {member: how}}


def _not_given(members: set[str]) -> dict[str, Any]:
    return {"properties": {member: {"type": "null"} for member in sorted(members)}}


CONDITIONS = [
    {"if": _given("status", type="string"), "else": _not_given(OF_THE_END)},
    *(
        {"if": _given("status", const=end), "then": _not_given(OF_THE_END - kept)}
        for end, kept in OF_ENDS.items()
        if OF_THE_END - kept
    ),
    {
        "if": _given("started_at", type="string"),
        "else": _not_given(OF_THE_START - {"started_at"}),
    },
]
"""The same for the OpenAPI document."""


class RequestBody(CommandBody):
    """A restore that somebody asks for, or, with a `status`, one that is over already."""

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
    message = message("What was said about it; of one that is over, what it reported.")
    attributes = AttributesField(
        **OPTIONAL, help_text="Anything else, such as a ticket: scalars by name, in `extra`."
    )
    requested_at = when("it was requested")
    status = serializers.ChoiceField(
        ENDS,
        **OPTIONAL,
        help_text="How it ended, if it is over. The members below need it, and what that end, "
        "recorded by itself, does not take is refused: a completed restore has no `signal`.",
    )
    started_at = Moment(**OPTIONAL, help_text="When it started.")
    completed_at = when("it ended")
    command = StrictText(**OPTIONAL, allow_blank=True, max_length=LONGEST_TEXT)
    host = StrictText(**OPTIONAL, allow_blank=True, max_length=255)
    cause = cause()
    exit_code = exit_code()
    signal = signal()
    errors = texts("What it reported as errors.")
    warnings = warnings()
    warnings_count = warnings_count()
    output = output()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse members that nothing would keep: not every restore has all of them."""
        told = {name for name, value in attrs.items() if value is not None}
        if "status" not in told:
            why, unkept = "Only a restore that is over has it; say its `status`.", OF_THE_END
        elif unkept := told & OF_THE_END - OF_ENDS[attrs["status"]]:
            why = f"A restore that was {attrs['status']} has none."
        else:
            why = "Only a restore that started has it; say when: `started_at`."
            unkept = OF_THE_START - {"started_at"} if "started_at" not in told else set()
        if refused := sorted(told & unkept):
            raise serializers.ValidationError({name: [why] for name in refused})
        return attrs


class StartBody(CommandBody):
    """The restore command started."""

    started_at = when("it started")
    command = StrictText(
        **OPTIONAL,
        allow_blank=True,
        max_length=LONGEST_TEXT,
        help_text="The command line, without secrets.",
    )
    host = StrictText(
        **OPTIONAL, allow_blank=True, max_length=255, help_text="The machine on which it runs."
    )
    heartbeat_seconds = WholeNumber(
        **OPTIONAL,
        min_value=1,
        max_value=86_400,
        help_text="A heartbeat is sent at least this often.",
    )


class ProgressBody(CommandBody):
    """How far the restore command has come. Each is an event: send few, and heartbeats between."""

    percent = Percent(**OPTIONAL)
    phase = StrictText(**OPTIONAL, allow_blank=True, max_length=LONGEST_PHASE)
    at = when("that was")


class HeartbeatBody(StrictSerializer):
    """A restore is being watched, and this is what its command last showed."""

    percent = Percent(**OPTIONAL)
    phase = StrictText(**OPTIONAL, allow_blank=True, max_length=LONGEST_PHASE)
    output = output()


class CompleteBody(CommandBody):
    """The restore command succeeded."""

    completed_at = when("it ended")
    outcome = serializers.ChoiceField(
        get_args(Outcome), **OPTIONAL, help_text="`partial`: not everything was restored."
    )
    message = message("What it reported.")
    exit_code = exit_code()
    warnings = warnings()
    warnings_count = warnings_count()
    output = output()


class FailBody(CommandBody):
    """The restore command failed."""

    failed_at = when("it ended")
    message = message("What it reported.")
    cause = cause()
    exit_code = exit_code()
    signal = signal()
    errors = texts("What it reported as errors.")
    warnings = warnings()
    warnings_count = warnings_count()
    output = output()


class CancelBody(CommandBody):
    """Somebody cancelled the restore."""

    cancelled_at = when("it was cancelled")
    message = message("Why, or what it reported.")
    signal = signal()
    output = output()


class ValidateBody(CommandBody):
    """The restored data was checked."""

    result = serializers.ChoiceField(get_args(CheckResult))
    check = StrictText(
        **OPTIONAL, allow_blank=True, max_length=LONGEST_LINE, help_text="Which check it was."
    )
    exit_code = exit_code()
    output = output()
    validated_at = when("it was checked")


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
