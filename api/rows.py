"""What rows of every table have in common when shown."""

from typing import Any

import msgspec
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

MESSAGE_SHOWN = 500
"""Characters of a message in a list; the single row has it whole."""


@extend_schema_field({"type": "object", "additionalProperties": {}})
class StoredJSON(serializers.Field):
    """A column that holds a JSON object as text, shown as the object."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(read_only=True, **kwargs)

    def to_representation(self, value: str) -> Any:
        return msgspec.json.decode(value)


class MessageHead(serializers.Serializer):
    """The beginning of a message, from a queryset that has it as `message_head`."""

    message = serializers.SerializerMethodField(
        help_text=f"The first {MESSAGE_SHOWN} characters; the single row has all of it."
    )
    message_truncated = serializers.SerializerMethodField(help_text="Whether there is more.")

    def get_message(self, row: Any) -> str:
        return str(row.message_head[:MESSAGE_SHOWN])

    def get_message_truncated(self, row: Any) -> bool:
        return len(row.message_head) > MESSAGE_SHOWN
