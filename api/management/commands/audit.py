"""`audit`: the trail, newest last."""

import sys
from collections.abc import Callable, Iterator
from itertools import islice
from typing import IO, Any, cast
from uuid import UUID

from django.core.management.base import CommandParser
from rich.console import Group

from api.management.arguments import at_least
from api.management.audit_search import add_search, is_search, search_events
from api.management.base import Outcome, ServiceCommand, Terminal
from api.management.following import Follower, pause
from api.management.presentation import LONGEST, WIDTH, as_json, line
from api.management.spoken_times import zone_option
from infrastructure.event_store.log import Log
from infrastructure.printable import json_text
from projections.history import lookup
from projections.history.change_history import EventChanges, changes_of
from projections.history.merged_changes import tables_of
from projections.history.stream_names import names_of

INTERRUPTED = 130
AT_ONCE = 500
"""Events of the whole log that are named and printed at a time."""


class Command(ServiceCommand):
    help = "What happened, newest last: to one restore with the columns it changed, or to all."

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "restore", nargs="?", metavar="RESTORE", help="its UUID, or its row's id"
        )
        parser.add_argument("--whole", action="store_true", help="show long texts in full")
        parser.add_argument("--follow", action="store_true", help="go on until interrupted")
        parser.add_argument(
            "--limit", type=at_least(0), default=100, metavar="N", help="the last N (default: 100)"
        )
        add_search(parser)

    def run(self, options: dict[str, Any]) -> Outcome:
        zone, whole, notes, more = zone_option(options), options["whole"], [], False
        searched = search_events(options, zone) if is_search(options) else None
        if options["follow"]:
            self._follow(options)
        if searched is not None:
            steps, more = searched
        elif options["restore"]:
            restore = lookup.restore_id(options["restore"])
            notes = lookup.also(options["restore"])
            steps = changes_of(lookup.events_of(restore, None if whole else LONGEST))
        else:
            steps = list(_everything(_before_the_last(options["limit"])))
        names = names_of([step.event.originator_id for step in steps])
        result: dict[str, Any] = {"events": [as_json(step, names) for step in steps]}
        if options["restore"]:
            result["notes"] = notes
        if options["json"]:
            return Outcome(result)
        tables = tables_of(steps)
        parts: list[Any] = [line(step, zone, names, tables, whole=whole) for step in steps]
        if not whole and any(_is_cut(step) for step in steps):
            notes = [*notes, "Long values are cut; --whole shows all of them."]
        if not steps:
            notes = [*notes, _none(options)]
        elif more:
            notes = [*notes, f"These are the last {len(steps):,}; --limit shows more."]
        return Outcome(result, Group(*parts, *notes))

    def _follow(self, options: dict[str, Any]) -> None:
        """Print events as they come; with --json one object per line."""
        zone, whole, as_objects = zone_option(options), options["whole"], options["json"]
        output = cast("IO[str]", self.stdout)
        console = Terminal(output)
        if options["restore"]:
            restore = lookup.restore_id(options["restore"])
            for note in lookup.also(options["restore"]) if not as_objects else []:
                console.print(note)
            follower = Follower(_reader(restore, whole=whole), 0, self.complain)
        else:
            follower = Follower(_everything, _before_the_last(options["limit"]), self.complain)
        tables: frozenset[str] = frozenset()
        try:
            while True:
                new = follower.look()
                while steps := list(islice(new, AT_ONCE)):
                    names = follower.names(steps)
                    tables |= tables_of(steps)
                    for step in steps:
                        if as_objects:
                            self.stdout.write(json_text(as_json(step, names)))
                        else:
                            console.print(line(step, zone, names, tables, whole=whole))
                output.flush()
                pause(output)
        except KeyboardInterrupt:
            # This is how following ends: nothing was left undone.
            sys.exit(INTERRUPTED)


def _none(options: dict[str, Any]) -> str:
    """Why there is nothing to show."""
    if not options["limit"]:
        return "--limit is 0."
    return "No event fits." if is_search(options) else "The log has no events yet."


def _before_the_last(limit: int) -> int:
    """The position after which the last `limit` events are."""
    return max(Log().head().position - limit, 0)


def _everything(after: int) -> Iterator[EventChanges]:
    """The whole log's events after a position, without their changes."""
    for event in Log().brief_events(after, LONGEST):
        yield EventChanges(event, [])


def _reader(restore: UUID, *, whole: bool) -> Callable[[int], Iterator[EventChanges]]:
    """Reads one restore's events after a position, with what they changed."""

    def read(after: int) -> Iterator[EventChanges]:
        for step in changes_of(lookup.events_of(restore, None if whole else LONGEST)):
            if step.event.position > after:
                yield step

    return read


def _is_cut(step: EventChanges) -> bool:
    """Whether a line of it cuts a value."""
    return any(len(str(value)) >= WIDTH for c in step.changes for value in (c.old, c.new))
