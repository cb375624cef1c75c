"""The filters of the log."""

from datetime import datetime
from typing import Any

from django.db.models import Q
from django.db.models.lookups import In
from drf_spectacular.utils import extend_schema_field

from api.v1.audit.cursor import FORM, cursor_position
from api.v1.audit.finding import Condition, EventSearch
from api.v1.audit.serializers import event_metadata
from api.v1.filters import kinds
from api.v1.filters.interval import IntervalFilters, interval_filters
from api.v1.filters.vocabulary import AnyWord, Word
from domain.catalogue import CATALOGUE
from infrastructure.event_store.log import Log, as_microseconds
from infrastructure.event_store.metadata_index import Member, Plain, contains, recorded
from infrastructure.event_store.models import Event
from projections.statistics.intervals import Interval

TOPICS = sorted(CATALOGUE.by_topic)
RECORDED = "Of an event it is when it was recorded, by the log's clock."


def of_topics(*topics: str) -> Condition:
    """Events of any of these topics."""
    found = tuple(Q(topic=topic) for topic in dict.fromkeys(topics))
    return Condition(found, Q(In(Plain("topic"), topics)), lambda event: event.topic in topics)


def says(member: Member, text: str) -> Condition:
    """Events whose metadata says this."""
    return Condition(
        (recorded(member, text),),
        contains(member, text),
        lambda event: event_metadata(event).get(member) == text,
    )


def by_person(name: str) -> Condition:
    """Events that this person recorded, or that were recorded for this person."""
    both: tuple[Member, ...] = ("actor", "on_behalf_of")
    return Condition(
        tuple(recorded(member, name) for member in both),
        contains(both[0], name) | contains(both[1], name),
        lambda event: name in (event_metadata(event).get(member) for member in both),
    )


class OneTopic(Word):
    """Events of one topic."""

    def filter(self, qs: EventSearch, value: Any) -> EventSearch:
        return qs if value is None else qs.fitting(of_topics(value))


class AnyTopic(AnyWord):
    """Events of any of several topics."""

    def filter(self, qs: EventSearch, value: Any) -> EventSearch:
        return qs if value is None else qs.fitting(of_topics(*value))


class Stream(kinds.Identifier):
    """Events of one stream, of which there are few."""

    def filter(self, qs: EventSearch, value: Any) -> EventSearch:
        if value is None:
            return qs
        one = Q(stream_id=value)
        return qs.fitting(
            Condition((one,), one, lambda event: event.stream_id == value, narrow=True)
        )


@extend_schema_field(kinds.TEXT)
class Actor(kinds.Text):
    def filter(self, qs: EventSearch, value: Any) -> EventSearch:
        return qs if value is None else qs.fitting(says("actor", value))


@extend_schema_field(kinds.TEXT)
class OnBehalfOf(kinds.Text):
    def filter(self, qs: EventSearch, value: Any) -> EventSearch:
        return qs if value is None else qs.fitting(says("on_behalf_of", value))


@extend_schema_field(kinds.TEXT)
class Person(kinds.Text):
    def filter(self, qs: EventSearch, value: Any) -> EventSearch:
        return qs if value is None else qs.fitting(by_person(value))


class Correlation(kinds.Identifier):
    """Events of one piece of work."""

    def filter(self, qs: EventSearch, value: Any) -> EventSearch:
        return qs if value is None else qs.fitting(says("correlation", str(value)))


class Causation(kinds.Identifier):
    """What one event led to."""

    def filter(self, qs: EventSearch, value: Any) -> EventSearch:
        return qs if value is None else qs.fitting(says("causation", str(value)))


class FromPosition(kinds.Whole):
    def filter(self, qs: EventSearch, value: Any) -> EventSearch:
        return qs if value is None else qs.between(first=value)


class UpToPosition(kinds.Whole):
    def filter(self, qs: EventSearch, value: Any) -> EventSearch:
        return qs if value is None else qs.between(last=value)


@extend_schema_field(kinds.TIME)
class RecordedFilter(kinds.TimeFilter):
    """A time by the log's clock. It never runs backwards, so a time is turned into a position."""

    def filter(self, qs: EventSearch, value: Any) -> EventSearch:
        if value is None:
            return qs
        if self.lookup_expr == "lte":
            return qs.between(last=Log().position_at(as_microseconds(value)))
        return qs.between(first=_last_before(value)[0] + 1)


@extend_schema_field({"type": "string", "pattern": f"^{FORM.pattern}$"})
class After(kinds.Text):
    """Events after a follower's cursor."""

    def filter(self, qs: EventSearch, value: Any) -> EventSearch:
        return qs if value is None else qs.between(first=cursor_position(value, Log()) + 1)


@kinds.described
class EventFilters(IntervalFilters):
    """The filters of the whole log. The moment of an event is when it was recorded."""

    topic = OneTopic(TOPICS, label="Exactly this topic, such as restore.Completed.")
    topic_in = AnyTopic(TOPICS, label="Any of these topics, comma-separated.")
    stream = Stream(label="One restore's, or one backup's.")
    actor = Actor(label="Events recorded by this actor.")
    on_behalf_of = OnBehalfOf(label="Events that a program recorded for this person.")
    person = Person(label="Events that this person recorded, or that were recorded for them.")
    correlation = Correlation(label="Events of one piece of work, such as an import or a request.")
    causation = Causation(label="Events that this one led to, by its `event_id`.")
    recorded_at_after = RecordedFilter(lookup_expr="gte", label="Recorded at this time or later.")
    recorded_at_before = RecordedFilter(
        lookup_expr="lte", label="Recorded at this time or earlier."
    )
    since, until, last, tz = interval_filters(RECORDED).values()
    position_min = FromPosition(label="This position or later.")
    position_max = UpToPosition(label="This position or earlier.")
    after = After(
        label="For followers: events after this cursor (`log:position:hash8`), which is the "
        "`cursor` of an earlier response. 409 if it is from another log."
    )

    class Meta:
        model = Event
        fields: list[str] = []

    @classmethod
    def within(cls, rows: Any, interval: Interval) -> Any:
        """The events that were recorded in this interval."""
        ends = [moment for moment in (interval.since, interval.before) if moment is not None]
        if ends:
            before = dict(zip(ends, _last_before(*ends), strict=True))
            if interval.since is not None:
                rows = rows.between(first=before[interval.since] + 1)
            if interval.before is not None:
                rows = rows.between(last=before[interval.before])
        return rows


def _last_before(*moments: datetime) -> tuple[int, ...]:
    """The last position that was recorded before each of these moments, in one statement."""
    return Log().positions_at(*(as_microseconds(moment) - 1 for moment in moments))
