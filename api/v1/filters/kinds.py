"""The kinds of filters, one per kind of column."""

from typing import Any, TypeVar

import django_filters
from drf_spectacular.drainage import get_override, set_override
from drf_spectacular.plumbing import build_basic_type
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field

from api.v1.bodies.fields import WITH_NUL
from api.v1.filters import fields

FilterSet = TypeVar("FilterSet", bound=django_filters.FilterSet)

TEXT = {"type": "string", "maxLength": fields.LONGEST, "not": WITH_NUL}
"""Text in the OpenAPI document."""
TIME = {"type": "string", "format": "date-time", "pattern": fields.IN_CALENDAR}
"""A time there."""


class Strict:
    """A filter that is skipped only if its parameter is absent, not if it is empty."""

    field_name: str
    lookup_expr: str

    def filter(self, qs: Any, value: Any) -> Any:
        return (
            qs if value is None else qs.filter(**{f"{self.field_name}__{self.lookup_expr}": value})
        )


@extend_schema_field(OpenApiTypes.INT64)
class Whole(Strict, django_filters.Filter):
    field_class = fields.WholeNumberField


@extend_schema_field(TIME)
class TimeFilter(Strict, django_filters.Filter):
    field_class = fields.MomentField


@extend_schema_field(OpenApiTypes.BOOL)
class Truth(Strict, django_filters.Filter):
    field_class = fields.TruthField


@extend_schema_field(OpenApiTypes.UUID)
class Identifier(Strict, django_filters.Filter):
    field_class = fields.UUIDTextField


@extend_schema_field(TEXT)
class Text(Strict, django_filters.Filter):
    field_class = fields.TextField


@extend_schema_field(TEXT)
class Key(Strict, django_filters.Filter):
    """A host's key, as text; a UUID is found in any of its spellings, here and in the host."""

    field_class = fields.TextField

    def filter(self, qs: Any, value: Any) -> Any:
        if value is None:
            return qs
        return qs.filter(**{f"{self.field_name}__in": fields.uuid_spellings(value)})


@extend_schema_field(TEXT)
class OneOf(Strict, django_filters.Filter):
    field_class = fields.TextsField


@extend_schema_field({**TEXT, "pattern": r"^\s*\{.*\}\s*$"})
class JSONText(Strict, django_filters.Filter):
    field_class = fields.JSONTextField


def described(filterset: type[FilterSet]) -> type[FilterSet]:
    """Use each filter's label as its description in the schema."""
    for one in filterset.base_filters.values():
        kind = get_override(one, "field")
        schema = kind if isinstance(kind, dict) else build_basic_type(kind)
        set_override(one, "field", {**schema, "description": one.label})
    return filterset
