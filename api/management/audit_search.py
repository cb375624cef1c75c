"""The options of `audit` that choose events of the whole log. They are REST's filters."""

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any

from django.core.management.base import CommandParser

from api.management.arguments import OptionsDoNotFit
from api.management.spoken_times import interval_of
from api.v1.audit.filters import EventFilters
from api.v1.audit.finding import EventSearch
from api.v1.audit.serializers import event_heads
from api.v1.audit.telling import changes_by, decoded
from api.v1.filters.interval import NAMES as INTERVAL
from infrastructure.event_store.models import Event
from projections.history.change_history import EventChanges

PARAMETER_OF = {
    "person": "person",
    "topic": "topic_in",
    "correlation": "correlation",
}
"""The options, and the parameters of REST that they stand for."""


def add_search(parser: CommandParser) -> None:
    """The options that choose events."""
    add = parser.add_argument
    add("--person", metavar="NAME", help="only what this person recorded, or what was recorded on "
        "behalf of them")  # fmt: skip
    add("--topic", metavar="TOPIC", help="only these topics, such as restore.Amended; several with "
        "commas")  # fmt: skip
    add("--correlation", metavar="UUID", help="only the events of one piece of work")
    add("--since", metavar="TIME", help="recorded then or later: yesterday, 24h, 2026-01-31")
    add("--until", metavar="TIME", help="recorded then or before; a day is included")
    add("--last", metavar="LENGTH", help="recorded in the last 24h, '30 days' or '2 weeks'")
    add("--tz", metavar="ZONE", help="the time zone of times (default: the shell's)")
    add("--changes", action="store_true", help="with the columns that each event changed")


def is_search(options: Mapping[str, Any]) -> bool:
    """Whether any of these options is given."""
    given = (*PARAMETER_OF, *INTERVAL)
    return bool(options["changes"] or any(options[name] is not None for name in given))


def search_events(options: Mapping[str, Any], zone: tzinfo) -> tuple[list[EventChanges], bool]:
    """The last events that the options choose, the newest last, and whether there are more.

    Raises `OptionsDoNotFit`.
    """
    for name in ("restore", "follow"):
        if options[name]:
            raise OptionsDoNotFit(f"A search is of the whole log, once: leave out {_told(name)}.")
    given = {
        parameter: options[name]
        for name, parameter in PARAMETER_OF.items()
        if options[name] is not None
    }
    search: Any = EventFilters(given, queryset=EventSearch(Event))
    if not search.is_valid():
        wrong = next(iter(search.errors))
        option = next(name for name, parameter in PARAMETER_OF.items() if parameter == wrong)
        raise OptionsDoNotFit(f"--{option}: {' '.join(search.errors[wrong])}")
    interval = interval_of(options, datetime.now(UTC), zone)
    limit = options["limit"]
    positions = search.within(search.qs, interval).positions(limit + 1, descending=True)
    rows = list(event_heads().filter(position__in=positions[:limit]).order_by("position"))
    changes = changes_by(rows) if options["changes"] else {}
    told = zip(rows, decoded(rows), strict=True)
    found = [EventChanges(event, changes.get(row.position, [])) for row, event in told]
    return found, len(positions) > limit


def _told(name: str) -> str:
    return "RESTORE" if name == "restore" else f"--{name}"
