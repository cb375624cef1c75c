"""The serializers of a step's request and of the responses."""

from rest_framework import serializers

from api.v1.bodies.strict import StrictSerializer
from domain.consolidation.values import ConsolidationState

STATES = [str(state) for state in ConsolidationState]


class ReasonSerializer(StrictSerializer):
    """Why."""

    reason = serializers.CharField(
        required=False,
        allow_null=True,
        allow_blank=True,
        max_length=1000,
        help_text="Why, for the log and the certificate.",
    )


class StepSerializer(ReasonSerializer):
    """The reason, and what is accepted."""

    accept_quarantined = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=0,
        max_value=2**63 - 1,
        help_text="Exactly so many rows that no table can hold are known and accepted; takes a "
        "reason.",
    )


class UnsaidSerializer(serializers.Serializer):
    """One thing that the legacy table cannot represent; it stays in the log."""

    restore_id = serializers.UUIDField()
    id = serializers.IntegerField(help_text="The row's id, in the legacy table if it is there.")
    column = serializers.CharField(allow_null=True, help_text="Null: the restore as a whole.")
    value = serializers.JSONField(allow_null=True)
    why = serializers.CharField()


class StepTakenSerializer(serializers.Serializer):
    """The result of a step."""

    state = serializers.ChoiceField(STATES)
    position = serializers.IntegerField(help_text="The log's position when it was recorded.")
    certificate = serializers.CharField(
        allow_null=True, help_text="The file on the server that holds the signed proof."
    )
    certificate_sha256 = serializers.CharField(
        required=False, help_text="The SHA-256 of that file, which the log names."
    )
    snapshot = serializers.CharField(
        required=False, help_text="The file on the server that the tables were saved to before."
    )
    unrepresentable = UnsaidSerializer(many=True, required=False)
    host_holds_legacy_rows = serializers.BooleanField(
        required=False,
        help_text="After a retirement: whether the host's own consolidated table has every legacy "
        "restore, as the certificate says.",
    )
    seconds = serializers.FloatField()
    held_seconds = serializers.FloatField(help_text="How long appends were locked.")


class VerificationSerializer(serializers.Serializer):
    """Whether the last verification is current."""

    current = serializers.BooleanField()
    why = serializers.CharField(allow_blank=True, help_text="Why it is not current.")
    certificate = serializers.CharField(allow_null=True, help_text="SHA-256 of its certificate.")
    position = serializers.IntegerField(allow_null=True, help_text="The position it is about.")


class CorrectionSerializer(serializers.Serializer):
    """What contradicts a certificate: a choice, or rows that are read in another way."""

    event = serializers.CharField(help_text="The topic.")
    position = serializers.IntegerField(help_text="Of the first such event.")
    rows = serializers.IntegerField(
        allow_null=True, help_text="How many such events; null for a choice."
    )


class ContradictedSerializer(serializers.Serializer):
    """A certificate that later events contradict."""

    certificate = serializers.CharField(help_text="Its SHA-256.")
    position = serializers.IntegerField(help_text="Of the log that it is about.")
    purpose = serializers.CharField(help_text="What it was issued for.")
    equal = serializers.BooleanField(help_text="What it says.")
    by = CorrectionSerializer(many=True)


HISTORY = {
    "type": "array",
    "items": {
        "type": "object",
        "description": "One step, with what its event says beside these.",
        "required": [
            *("position", "recorded_at", "actor", "on_behalf_of", "reason", "event", "what"),
        ],
        "properties": {
            "position": {"type": "integer"},
            "recorded_at": {"type": "string", "format": "date-time"},
            "actor": {"type": "string"},
            "on_behalf_of": {"type": ["string", "null"]},
            "reason": {"type": ["string", "null"]},
            "event": {"type": "string", "description": "Its topic."},
            "what": {"type": "string", "description": "For people."},
        },
        "additionalProperties": {},
    },
}
