"""The filter `run_by=`: restores that a person ran, apart from who asked for them."""

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.lookups import Exact

from api.v1.filters import kinds
from domain.restores.events import RestoreStarted
from infrastructure.event_store.metadata_index import Member, Plain, contains, recorded
from infrastructure.event_store.models import Event
from projections.row_versions.models import RestoreVersion
from projections.searching import MANY

MEMBERS: tuple[Member, ...] = ("actor", "on_behalf_of")
STARTED = Q(Exact(Plain("topic"), RestoreStarted.TOPIC))


class RunBy(kinds.Text):
    """Restores whose start this person recorded, or that was recorded on their behalf."""

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        if value is None:
            return qs
        by_person = contains(MEMBERS[0], value) | contains(MEMBERS[1], value)
        of_restore = Event.objects.filter(STARTED, by_person, stream_id=OuterRef("restore_id"))
        if qs.model is RestoreVersion:
            # A list as of a position: up to the version that was valid there.
            return qs.filter(Exists(of_restore.filter(position__lte=OuterRef("valid_from"))))
        by_actor, on_behalf = (
            Event.objects.filter(STARTED, recorded(member, value)) for member in MEMBERS
        )
        started = by_actor.values("stream_id").union(on_behalf.values("stream_id"), all=True)
        if started[: MANY + 1].count() > MANY:
            # Many are soon found by reading in the list's order.
            return qs.filter(Exists(of_restore))
        return qs.filter(restore_id__in=started)
