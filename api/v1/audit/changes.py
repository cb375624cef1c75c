"""How answers show what an event changed in the tables."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

PROVENANCES = ("observed", "derived", "assumed")
WHAT_HAPPENED = ("appeared", "changed", "vanished")


@extend_schema_field({})
class AnyValue(serializers.Field):
    """A column's value, of any type."""

    def to_representation(self, value: Any) -> Any:
        return value

    def get_attribute(self, instance: Any) -> Any:
        return getattr(instance, self.source)


class ChangeSerializer(serializers.Serializer):
    """A column of a table, before and after an event."""

    label = serializers.CharField(help_text="The table, such as `system_backups.RestoreLog`.")
    row = serializers.ChoiceField(WHAT_HAPPENED, help_text="What happened to the whole row.")
    column = serializers.CharField()
    old = AnyValue(help_text="Null if the row did not exist before, too.")
    new = AnyValue(help_text="Null if the row no longer exists, too.")
    provenance = serializers.ChoiceField(
        PROVENANCES,
        help_text="Whether the value was read or recorded as it is, computed from other values, or "
        "assumed because the host does not have it.",
    )
    host_column = serializers.CharField(
        allow_null=True,
        help_text="The host's column that the new value was read from, if it has another name.",
    )
