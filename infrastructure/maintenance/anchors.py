"""The list of anchors that this service issued."""

from datetime import datetime
from typing import NamedTuple

from django.db import DatabaseError

from infrastructure.databases.own_database import refuses_writes
from infrastructure.event_store.anchor import Anchor
from infrastructure.event_store.log import as_bytes
from infrastructure.event_store.models import Event
from infrastructure.maintenance.models import IssuedAnchor

LONGEST_NAME = 310
"""Characters of the name of who issued it: two names of accounts and what joins them."""


class ListedAnchor(NamedTuple):
    """An anchor, and whether the log still has its head."""

    issued: IssuedAnchor
    is_in_log: bool


def note_issued(anchor: Anchor) -> None:
    """Add an anchor to the list. A replica, which has no list of its own, leaves it out."""
    try:
        IssuedAnchor.objects.create(
            position=anchor.position,
            head=anchor.head,
            issued_at=datetime.fromisoformat(anchor.issued_at),
            issued_by=anchor.issued_by[:LONGEST_NAME],
        )
    except DatabaseError as error:
        if not refuses_writes(error):
            raise


def newest_anchors(count: int) -> list[ListedAnchor]:
    """The anchors that were issued last, newest first."""
    issued = list(IssuedAnchor.objects.order_by("-pk")[:count])
    events = Event.objects.filter(position__in={one.position for one in issued})
    hashes = events.values_list("position", "hash")
    heads = {position: as_bytes(hash).hex() for position, hash in hashes}
    return [ListedAnchor(one, heads.get(one.position) == one.head) for one in issued]
