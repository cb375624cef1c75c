"""Whether what was verified still holds: which mappings are in force, what was imported since."""

from domain.consolidation.values import Mappings
from infrastructure.event_store.models import Event
from infrastructure.hosts.importing import topics
from projections.engine.registry import PROJECTIONS


def mappings() -> Mappings:
    """The version of each mapping that a certificate is about, by the projection's label."""
    return {one.label: one.version for one in PROJECTIONS.values() if one.certified}


def last_host_row(*, after: int, using: str = "default") -> int:
    """The position of the last event after this one that tells of a host's row; 0 if none."""
    last = (
        Event.objects.using(using)
        .filter(position__gt=after, topic__in=sorted(topics.ALL))
        .order_by("-position")
        .values_list("position", flat=True)
        .first()
    )
    return last or 0
