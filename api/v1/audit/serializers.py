"""The serializer of an event."""

from datetime import datetime
from typing import Any

import msgspec
from django.db.models import BinaryField, QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

from api.v1.audit.cursor import cursor
from api.v1.long_values import Beginning, Size, cut_value
from infrastructure.event_store.log import as_datetime
from infrastructure.event_store.models import Event
from infrastructure.event_store.shortened_json import beginning

STATE_SHOWN = 8_192
"""How many bytes of an event's state are shown; a longer one is cut and has a link to all of it."""


class EventSerializer(serializers.ModelSerializer):
    """One event of the log."""

    cursor = serializers.SerializerMethodField(help_text="Follow the log from here with `after`.")
    recorded_at = serializers.SerializerMethodField(help_text="When it was recorded, UTC.")
    actor = serializers.SerializerMethodField(help_text="Who recorded it.")
    reason = serializers.SerializerMethodField(help_text="Why, if a reason was given.")
    correlation = serializers.SerializerMethodField(help_text="Shared by related events.")
    causation = serializers.SerializerMethodField(help_text="The event that led to it.")
    on_behalf_of = serializers.SerializerMethodField(
        help_text="The person for whom a program recorded it, by that program's word."
    )
    request_id = serializers.SerializerMethodField(
        help_text="The client's identifier of the request that recorded it."
    )
    sequence = serializers.SerializerMethodField(
        help_text="The recording program's number of the command, on this restore or backup."
    )
    state = serializers.SerializerMethodField(
        help_text="The event's data, by its topic. Values that JSON cannot hold exactly are "
        'tagged: `{"$": kind, "v": text}`.'
    )
    hash = serializers.SerializerMethodField(help_text="The chain's hash at this event, hex.")

    class Meta:
        model = Event
        fields = (
            *("position", "cursor", "recorded_at", "stream_id", "stream_version", "topic"),
            *("schema_version", "actor", "reason", "correlation", "causation", "on_behalf_of"),
            *("request_id", "sequence", "state", "hash"),
        )
        read_only_fields = fields

    def to_representation(self, instance: Any) -> Any:
        shown = super().to_representation(instance)
        if instance.state_size > len(instance.state_head):
            whole = self.whole(instance)
            shown["truncated"] = {"state": cut_value(instance.state_size, "bytes", whole)}
        return shown

    def whole(self, event: Event) -> str:
        """The URL of its full state."""
        request = self.context.get("request")
        return str(reverse("v1:audit-event-state", args=[event.position], request=request))

    def get_cursor(self, event: Event) -> str:
        return cursor(event.position, event.hash)

    def get_recorded_at(self, event: Event) -> datetime:
        return as_datetime(event.recorded_at)

    def get_actor(self, event: Event) -> str | None:
        return _metadata(event).get("actor")

    def get_reason(self, event: Event) -> str | None:
        return _metadata(event).get("reason")

    def get_correlation(self, event: Event) -> str | None:
        return _metadata(event).get("correlation")

    def get_causation(self, event: Event) -> str | None:
        return _metadata(event).get("causation")

    def get_on_behalf_of(self, event: Event) -> str | None:
        return _metadata(event).get("on_behalf_of")

    def get_request_id(self, event: Event) -> str | None:
        return _metadata(event).get("request_id")

    def get_sequence(self, event: Event) -> int | None:
        return _metadata(event).get("sequence")

    @extend_schema_field({"type": ["object", "null"], "additionalProperties": {}})
    def get_state(self, event: Any) -> dict[str, Any] | None:
        return _object(event.state_head, event.state_size)

    def get_hash(self, event: Event) -> str:
        return bytes(event.hash).hex()


def event_heads() -> QuerySet[Event]:
    """Events with only the beginning of their state, which may be megabytes."""
    binary = BinaryField()
    return Event.objects.defer("state", "metadata", "salt").annotate(
        state_head=Beginning("state", STATE_SHOWN, output_field=binary),
        state_size=Size("state"),
        metadata_head=Beginning("metadata", STATE_SHOWN, output_field=binary),
        metadata_size=Size("metadata"),
    )


def event_weight(event: Any) -> int:
    """About how many bytes an event of `event_heads` takes in a response."""
    return 500 + len(event.state_head) + len(event.metadata_head)


def _object(head: bytes, size: int) -> dict[str, Any] | None:
    """The JSON object in a payload, or its beginning; None if the payload is gone."""
    stored = bytes(head)
    if not stored:
        return None
    whole = stored if len(stored) == size else beginning(stored)
    return msgspec.json.decode(whole, type=dict[str, Any])


def _metadata(event: Any) -> dict[str, Any]:
    return _object(event.metadata_head, event.metadata_size) or {}
