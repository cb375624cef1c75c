"""Whether a verification is still current: the mappings in force, and the last host row."""

from domain.consolidation.values import Mappings
from infrastructure.event_store.models import Event
from infrastructure.hosts.importing import topics
from projections.engine.registry import PROJECTIONS


def mappings() -> Mappings:
    """The mapping versions of the tables that a certificate covers, by the projection's label."""
    return {one.label: one.version for one in PROJECTIONS.values() if one.certified}


def last_host_row(*, after: int, using: str = "default") -> int:
    """The position of the last event of a host row after this position; 0 if there is none."""
    last = (
        Event.objects.using(using)
        .filter(position__gt=after, topic__in=sorted(topics.FROM_HOST))
        .order_by("-position")
        .values_list("position", flat=True)
        .first()
    )
    return last or 0
