"""Certificates that later events contradict: their rows were afterwards read in another way.

A later choice of columns or of a time zone contradicts a certificate, and so do the rows that read
differently because of it. The first choice in a log only records how the rows were read already.
It contradicts no certificate by itself, but rows that it reads in another way do.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db.models import Count, Min

from domain.consolidation.events import ColumnsChosen, Verified, ZoneChosen
from domain.events import Event
from infrastructure.event_store.models import Event as StoredEvent
from infrastructure.hosts.importing.topics import BACKUPS, RESTORES

REREAD = (RESTORES.reinterpreted, BACKUPS.reinterpreted)
WORDS = {
    ColumnsChosen.TOPIC: "other columns chosen at position {:,}",
    ZoneChosen.TOPIC: "another time zone chosen at position {:,}",
    RESTORES.reinterpreted: "{} of restores read in another way from position {:,} on",
    BACKUPS.reinterpreted: "{} of backups read in another way from position {:,} on",
}


class Correction(NamedTuple):
    """What contradicts a certificate: one choice, or the rows that were read in another way.

    `position` is that of the first such event; `rows` is None for a choice.
    """

    event: str
    position: int
    rows: int | None

    def __str__(self) -> str:
        if self.rows is None:
            return WORDS[self.event].format(self.position)
        number = "1 row" if self.rows == 1 else f"{self.rows:,} rows"
        return WORDS[self.event].format(number, self.position)


class Contradicted(NamedTuple):
    """A certificate's SHA-256, its position in the log, and what contradicts it."""

    certificate: str
    position: int
    purpose: str
    equal: bool
    by: list[Correction]

    def __str__(self) -> str:
        return (
            f"contradicted  certificate {self.certificate} of position {self.position:,}: "
            + "; ".join(map(str, self.by))
        )

    def as_json(self) -> dict[str, Any]:
        return self._asdict() | {"by": [correction._asdict() for correction in self.by]}


def contradicted(events: Sequence[Event], using: str = "default") -> list[Contradicted]:
    """The certificates among the consolidation's events that were contradicted, oldest first."""
    certificates = [event for event in events if isinstance(event, Verified)]
    if not certificates:
        return []
    choices = [event for event in events if isinstance(event, ColumnsChosen | ZoneChosen)]
    firsts = {event.TOPIC: event for event in reversed(choices)}
    found: list[Contradicted] = []
    reread: dict[str, Correction] = {}
    upto: int | None = None
    for one in sorted(certificates, key=lambda event: event.log_position, reverse=True):
        reread = _reread(one.log_position, upto, reread, using)
        upto = one.log_position
        later = [event for event in choices if event.position > upto]
        if reread or any(event is not firsts[event.TOPIC] for event in later):
            by = [Correction(event.TOPIC, event.position, None) for event in later]
            by += reread.values()
            found.append(
                Contradicted(one.certificate, one.log_position, one.purpose, one.equal, by)
            )
    return found[::-1]


def _reread(
    after: int, upto: int | None, later: dict[str, Correction], using: str
) -> dict[str, Correction]:
    """How many rows were read in another way between two positions, added to the `later` ones."""
    rows = StoredEvent.objects.using(using).filter(topic__in=REREAD, position__gt=after)
    if upto is not None:
        rows = rows.filter(position__lte=upto)
    counts = rows.values("topic").annotate(rows=Count("position"), first=Min("position"))
    found = dict(later)
    for count in counts.order_by("topic"):
        topic, before = count["topic"], later.get(count["topic"])
        number = count["rows"] + (before.rows or 0 if before else 0)
        found[topic] = Correction(topic, count["first"], number)
    return found
