"""An event as REST shows it."""

from datetime import datetime
from typing import Any

import msgspec
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from api.audit.cursor import cursor
from infrastructure.event_store.log import as_datetime
from infrastructure.event_store.models import Event


class EventSerializer(serializers.ModelSerializer):
    """One event of the log."""

    cursor = serializers.SerializerMethodField(help_text="Follow the log from here with `after`.")
    recorded_at = serializers.SerializerMethodField(help_text="When the log learned it, UTC.")
    actor = serializers.SerializerMethodField(help_text="Who recorded it.")
    reason = serializers.SerializerMethodField(help_text="Why, if that was said.")
    correlation = serializers.SerializerMethodField(help_text="What it was recorded together with.")
    causation = serializers.SerializerMethodField(help_text="The event that led to it.")
    state = serializers.SerializerMethodField(
        help_text="What it says, by its topic. Values that JSON cannot hold exactly are tagged: "
        '`{"$": kind, "v": text}`.'
    )
    hash = serializers.SerializerMethodField(help_text="The chain's hash at this event, hex.")

    class Meta:
        model = Event
        fields = (
            *("position", "cursor", "recorded_at", "stream_id", "stream_version", "topic"),
            *("schema_version", "actor", "reason", "correlation", "causation", "state", "hash"),
        )
        read_only_fields = fields

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

    @extend_schema_field({"type": ["object", "null"], "additionalProperties": {}})
    def get_state(self, event: Event) -> dict[str, Any] | None:
        return _object(event.state)

    def get_hash(self, event: Event) -> str:
        return bytes(event.hash).hex()


def _object(stored: bytes) -> dict[str, Any] | None:
    """The JSON object in a payload; None where there is no payload any more."""
    return msgspec.json.decode(bytes(stored), type=dict[str, Any]) if stored else None


def _metadata(event: Event) -> dict[str, Any]:
    return _object(event.metadata) or {}
