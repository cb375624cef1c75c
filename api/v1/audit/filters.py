"""The filters of the log."""

from datetime import datetime
from typing import Any

import django_filters
import msgspec
from django.db.models import BinaryField, F, Func, IntegerField, QuerySet, Value
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field

from api.v1.audit.cursor import FORM, cursor_position
from api.v1.filters import kinds
from api.v1.filters.vocabulary import AnyWord, Word
from domain.catalogue import CATALOGUE
from infrastructure.event_store.log import Log, as_microseconds
from infrastructure.event_store.models import Event

TOPICS = sorted(CATALOGUE.by_topic)


@extend_schema_field(OpenApiTypes.STR)
class ByActor(kinds.Text):
    """Events of one actor, by the beginning of the stored metadata.

    The codec always writes `actor` as the first member, so a comparison of bytes finds it on
    every database, without decoding.
    """

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        if value is None:
            return qs
        beginning = msgspec.json.encode({"actor": value})[:-1]
        head = Func(
            F("metadata"),
            Value(1, output_field=IntegerField()),
            Value(len(beginning) + 1, output_field=IntegerField()),
            function="SUBSTR",
            output_field=BinaryField(),
        )
        return qs.alias(beginning=head).filter(
            beginning__in=[beginning + end for end in (b",", b"}")]
        )


@extend_schema_field(OpenApiTypes.DATETIME)
class RecordedFilter(kinds.TimeFilter):
    """A time by the log's clock. It never runs backwards, so a time is turned into a position."""

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        if value is None:
            return qs
        if self.lookup_expr == "lte":
            return qs.filter(position__lte=_position_at(value))
        return qs.filter(position__gt=_position_at(value, before=True))


@extend_schema_field({"type": "string", "pattern": f"^{FORM.pattern}$"})
class After(kinds.Text):
    """Events after a follower's cursor."""

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        return qs if value is None else qs.filter(position__gt=cursor_position(value, Log()))


@kinds.described
class EventFilters(django_filters.FilterSet):
    """The filters of the whole log."""

    topic = Word(TOPICS, field_name="topic", label="Exactly this topic, such as restore.Completed.")
    topic_in = AnyWord(
        TOPICS, field_name="topic", lookup_expr="in", label="Any of these topics, comma-separated."
    )
    stream = kinds.Identifier(field_name="stream_id", label="One restore's, or one backup's.")
    actor = ByActor(label="Events recorded by this actor.")
    recorded_at_after = RecordedFilter(lookup_expr="gte", label="Recorded at this time or later.")
    recorded_at_before = RecordedFilter(
        lookup_expr="lte", label="Recorded at this time or earlier."
    )
    position_min = kinds.Whole(
        field_name="position", lookup_expr="gte", label="This position or later."
    )
    position_max = kinds.Whole(
        field_name="position", lookup_expr="lte", label="This position or earlier."
    )
    after = After(
        label="For followers: events after this cursor (`log:position:hash8`), which is the "
        "`cursor` of an earlier response. 409 if it is from another log."
    )

    class Meta:
        model = Event
        fields: list[str] = []


def _position_at(moment: datetime, *, before: bool = False) -> int:
    return Log().position_at(as_microseconds(moment) - before)
