"""The serializer of a body: unknown members are refused."""

from typing import Any

from rest_framework import serializers


class StrictSerializer(serializers.Serializer):
    """Refuses unknown members: a client that sends one expects it to have an effect."""

    def to_internal_value(self, data: Any) -> Any:
        unknown = set(data) - set(self.fields) if isinstance(data, dict) else set()
        if unknown:
            raise serializers.ValidationError(
                {_as_text(name): ["There is no such member."] for name in sorted(unknown)}
            )
        return super().to_internal_value(data)


def _as_text(name: str) -> str:
    """A name that can be sent back; JSON may contain halves of surrogate pairs."""
    return name.encode(errors="backslashreplace").decode()
