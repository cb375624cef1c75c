"""The serializer of an event."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import uuid5

import msgspec
from django.db.models import BinaryField, QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

from api.v1.audit.changes import ChangeSerializer
from api.v1.audit.cursor import cursor
from api.v1.long_values import Beginning, Size, cut_value
from infrastructure.event_store.log import as_datetime
from infrastructure.event_store.models import Event
from infrastructure.event_store.shortened_json import beginning

STATE_SHOWN = 8_192
"""How many bytes of an event's state are shown; a longer one is cut and has a link to all of it."""


MORE = ("what", "changes", "proof")
"""What an answer has only if it was asked for: the context has it by position."""
SAID = (*("actor", "reason", "correlation", "causation", "on_behalf_of", "request_id", "sequence"),)
"""What is shown of the metadata."""


@extend_schema_field({"type": ["object", "null"], "additionalProperties": {}})
class State(serializers.JSONField):
    """An event's data."""


class EventSerializer(serializers.ModelSerializer):
    """One event of the log."""

    cursor = serializers.CharField(help_text="Follow the log from here with `after`.")
    event_id = serializers.UUIDField(help_text="How other events refer to it: `causation`.")
    recorded_at = serializers.DateTimeField(help_text="When it was recorded, UTC.")
    actor = serializers.CharField(allow_null=True, help_text="Who recorded it.")
    reason = serializers.CharField(allow_null=True, help_text="Why, if a reason was given.")
    correlation = serializers.CharField(allow_null=True, help_text="Shared by related events.")
    causation = serializers.CharField(allow_null=True, help_text="The event that led to it.")
    on_behalf_of = serializers.CharField(
        allow_null=True,
        help_text="The person for whom a program recorded it, by that program's word.",
    )
    request_id = serializers.CharField(
        allow_null=True, help_text="The client's identifier of the request that recorded it."
    )
    sequence = serializers.IntegerField(
        allow_null=True,
        help_text="The recording program's number of the command, on this restore or backup.",
    )
    state = State(
        help_text="The event's data, by its topic. Values that JSON cannot hold exactly are "
        'tagged: `{"$": kind, "v": text}`.'
    )
    hash = serializers.CharField(help_text="The chain's hash at this event, hex.")

    class Meta:
        model = Event
        fields = (
            *("position", "cursor", "recorded_at", "stream_id", "stream_version", "event_id"),
            *("topic", "schema_version", "actor", "reason", "correlation", "causation"),
            *("on_behalf_of", "request_id", "sequence", "state", "hash"),
        )
        read_only_fields = fields

    def to_representation(self, instance: Any) -> Any:
        return event_shown(instance, self.whole, self.context)

    def whole(self, event: Event) -> str:
        """The URL of its full state."""
        request = self.context.get("request")
        return str(reverse("v1:audit-event-state", args=[event.position], request=request))


def event_id(event: Any) -> str:
    """How other events refer to this one, as their `causation`."""
    return str(uuid5(event.stream_id, str(event.stream_version)))


def event_shown(event: Any, whole: Callable[[Any], str], told: Mapping[str, Any]) -> dict[str, Any]:
    """An event of `event_heads` as answers show it; `whole` is the URL of its full state.

    `told` has what is told besides, by member and by position.
    """
    metadata = event_metadata(event)
    hash = bytes(event.hash)
    shown = {
        "position": event.position,
        "cursor": cursor(event.position, hash),
        "recorded_at": as_datetime(event.recorded_at),
        "stream_id": str(event.stream_id),
        "stream_version": event.stream_version,
        "event_id": event_id(event),
        "topic": event.topic,
        "schema_version": event.schema_version,
        **{name: metadata.get(name) for name in SAID},
        "state": _object(event.state_head, event.state_size),
        "hash": hash.hex(),
    }
    if event.state_size > len(event.state_head):
        shown["truncated"] = {"state": cut_value(event.state_size, "bytes", whole(event))}
    for member in MORE:
        if member in told:
            shown[member] = told[member].get(event.position)
    if "changes" in shown:
        shown["changes"] = ChangeSerializer(shown["changes"], many=True).data
    return shown


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


def event_metadata(event: Any) -> dict[str, Any]:
    """What an event of `event_heads` says of itself, read once; empty if that is gone."""
    if not hasattr(event, "said"):
        event.said = _object(event.metadata_head, event.metadata_size) or {}
    said: dict[str, Any] = event.said
    return said
