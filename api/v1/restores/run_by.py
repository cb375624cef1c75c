"""The filter `run_by=`: restores that a person ran, apart from who asked for them."""

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from api.v1.filters import kinds
from domain.restores.events import RestoreStarted
from infrastructure.databases.asked_once import asked_once
from infrastructure.event_store.metadata_index import (
    OF_PERSONS,
    OfTopic,
    contains,
    index_of_topic,
    recorded,
)
from infrastructure.event_store.models import Event
from projections.by_index import by_index, by_key
from projections.row_versions.models import RestoreVersion

TOPIC = RestoreStarted.TOPIC
MANY = 20_000
"""If somebody ran more restores than this, they are soon found by reading in the list's order."""


class RunBy(kinds.Text):
    """Restores whose start this person recorded, or that was recorded on their behalf."""

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        if value is None:
            return qs
        by_actor, on_behalf = (
            by_index(
                Event.objects.filter(OfTopic(TOPIC), recorded(member, value)),
                index_of_topic(TOPIC, member),
            ).values("stream_id")
            for member in OF_PERSONS
        )
        started = by_actor.union(on_behalf, all=True)
        ran = asked_once(("run by", value, qs.db), started[: MANY + 1].count)
        many = ran > MANY
        if qs.model is not RestoreVersion:
            return qs.filter(Exists(_starts(value)) if many else Q(restore_id__in=started))
        # A list as of a position: up to the version that was valid there.
        found = qs.filter(Exists(_starts(value).filter(position__lte=OuterRef("valid_from"))))
        if many:
            return found
        versions = RestoreVersion.objects.filter(restore_id__in=started)
        return by_key(found).filter(pk__in=versions.values("pk"))


def _starts(person: str) -> QuerySet[Event]:
    """The starts of a row's restore that this person recorded, or that was on their behalf."""
    actor, on_behalf = OF_PERSONS
    by_person = contains(actor, person) | contains(on_behalf, person)
    starts: QuerySet[Event] = Event.objects.filter(
        OfTopic(TOPIC), by_person, stream_id=OuterRef("restore_id")
    )
    return starts
