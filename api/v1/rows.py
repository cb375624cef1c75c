"""Code for showing rows that all tables share."""

from functools import cache, cached_property
from typing import Any

import msgspec
from django.db.models import TextField, Value
from django.db.models.functions import Coalesce
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.reverse import reverse

from api.v1.long_values import Beginning, Size, cut_value
from api.v1.shown_fields import ShownField, show_row, shown_field
from infrastructure.event_store.shortened_json import CUT, beginning

MESSAGE_SHOWN = 500
"""Characters of a message that a list shows; the single row shows more."""
EXTRA_SHOWN = 2_000
"""Characters of `extra`, as JSON, that a list shows."""
ROW_SHOWN = 65_536
"""Characters of each of them that a single row shows."""


def heads(table: Any, message: int = MESSAGE_SHOWN, extra: int = EXTRA_SHOWN) -> Any:
    """The table's rows with only the beginning of each long text, which may be megabytes.

    The message of a version of a row can be NULL, and its size is then 0.
    """
    rows = table.objects.defer("extra").annotate(
        extra_head=Beginning("extra", extra, output_field=TextField()), extra_size=Size("extra")
    )
    if not message:
        return rows
    head: Any = Beginning("message", message, output_field=TextField())
    size: Any = Size("message")
    if table._meta.get_field("message").null:
        size = Coalesce(size, Value(0))
    return rows.defer("message").annotate(message_head=head, message_size=size)


def weight(row: Any) -> int:
    """About how many bytes a row of `heads` takes in a response."""
    texts = (row.extra_head, getattr(row, "message_head", ""))
    return 1_000 + sum(len(text.encode()) for text in texts if text)


@extend_schema_field({"type": "object", "additionalProperties": {}})
class StoredJSON(serializers.Field):
    """A column that holds a JSON object as text, shown as the object, or as its beginning."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(read_only=True, **kwargs)

    def get_attribute(self, instance: Any) -> Any:
        head = getattr(instance, "extra_head", None)
        if head is None:
            return instance.extra
        return head if len(head) == instance.extra_size else beginning(head.encode()).decode()

    def to_representation(self, value: str) -> Any:
        return msgspec.json.decode(value)


class Attributes(StoredJSON):
    """`extra` of a row that was recorded here, with plain numbers in place of tagged ones."""

    def get_attribute(self, instance: Any) -> Any:
        return super().get_attribute(instance) if instance.origin == "recorded" else "{}"

    def to_representation(self, value: str) -> Any:
        return {
            name: float(one["v"]) if isinstance(one, dict) and one.get("$") == "float" else one
            for name, one in super().to_representation(value).items()
        }


class LongText(serializers.CharField):
    """A row's text, or the part that was read: `heads` reads only the beginning."""

    def get_attribute(self, instance: Any) -> Any:
        head = f"{self.source}_head"
        return getattr(instance, head if hasattr(instance, head) else str(self.source))


class CutTexts(serializers.Serializer):
    """Adds `truncated`, the cut values. `routes` are those of the full values, by column."""

    routes: dict[str, str] = {}

    @cached_property
    def fields(self) -> Any:
        return _fields(type(self))

    def lacking(self, row: Any) -> frozenset[str]:
        """The fields that this row does not have."""
        return frozenset()

    def to_representation(self, instance: Any) -> Any:
        shown = show_row(_shown_fields(type(self), self.lacking(instance)), instance)
        cut = self._cut(instance)
        if cut:
            shown["truncated"] = cut
        return shown

    def _cut(self, row: Any) -> dict[str, Any]:
        found = {}
        for column, route in self.routes.items():
            size = getattr(row, f"{column}_size", None)
            if size is not None:
                if size > len(getattr(row, f"{column}_head") or ""):
                    whole = self._address(row, route)
                    found[column] = cut_value(size, "characters", whole)
            elif marked := CUT.search(getattr(row, column) or ""):
                # As of another time: only the events have the full value.
                found[column] = cut_value(int(marked[1]), "bytes", None)
        return found

    def _address(self, row: Any, route: str) -> str | None:
        """Where the whole value is; None of a row that is not what the table shows now."""
        if getattr(row, "valid_to", None) is not None or not getattr(row, "present", True):
            return None
        return reverse(route, args=[row.id], request=self.context.get("request"))


@cache
def _fields(kind: type[CutTexts]) -> Any:
    """The fields of a serializer of this class, made once: that takes longer than to show a row."""
    return super(CutTexts, kind()).fields


@cache
def _shown_fields(kind: type[CutTexts], lacking: frozenset[str]) -> tuple[ShownField, ...]:
    return tuple(shown_field(one) for name, one in _fields(kind).items() if name not in lacking)


def row_shown(kind: type[CutTexts], row: Any, request: Request) -> dict[str, Any]:
    """One row as this serializer shows it."""
    shown: dict[str, Any] = kind(context={"request": request}).to_representation(row)
    return shown


class MessageHead(serializers.Serializer):
    """The beginning of a message, from a queryset that has it as `message_head`."""

    message = LongText(
        read_only=True,
        help_text=f"The first {MESSAGE_SHOWN} characters; the single row has more.",
    )
    message_truncated = serializers.SerializerMethodField(help_text="Whether there is more.")

    def get_message_truncated(self, row: Any) -> bool:
        return bool(row.message_size > len(row.message_head or ""))
