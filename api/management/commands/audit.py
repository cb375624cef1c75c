"""`audit`: the trail, newest last."""

import sys
import time
from collections.abc import Iterator
from functools import partial
from typing import Any

from django.core.management.base import CommandParser
from rich.console import Group

from api.management.arguments import at_least
from api.management.base import Outcome, ServiceCommand, Terminal
from api.management.presentation import LONGEST, WIDTH, as_json, line
from infrastructure.event_store.log import Log
from infrastructure.printable import json_text
from projections.history import lookup
from projections.history.change_history import EventChanges, changes_of


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

    def run(self, options: dict[str, Any]) -> Outcome:
        if options["follow"]:
            self._follow(options)
        whole, notes = options["whole"], []
        if options["restore"]:
            restore = lookup.restore_id(options["restore"])
            notes = lookup.also(options["restore"])
            steps = changes_of(lookup.events_of(restore, None if whole else LONGEST))
        else:
            after = max(Log().head().position - options["limit"], 0)
            steps = list(_everything(after))
        result: dict[str, Any] = {"events": [as_json(step) for step in steps]}
        if options["restore"]:
            result["notes"] = notes
        parts: list[Any] = [line(step, whole=whole) for step in steps]
        if not whole and any(_is_cut(step) for step in steps):
            notes = [*notes, "Long values are cut; --whole shows all of them."]
        return Outcome(result, Group(*parts, *notes))

    def _follow(self, options: dict[str, Any]) -> None:
        """Print events as they come; with --json one object per line."""
        wanted = lookup.restore_id(options["restore"]) if options["restore"] else None
        whole = options["whole"]
        stream = Log().stream if whole else partial(Log().brief_stream, longest=LONGEST)
        console = Terminal(sys.stdout)
        if wanted and not options["json"]:
            for note in lookup.also(options["restore"]):
                console.print(note)
        after = 0 if wanted else max(Log().head().position - options["limit"], 0)
        while True:
            head = Log().head().position
            steps = changes_of(stream(wanted)) if wanted else _everything(after)
            for step in steps:
                if step.event.position <= after:
                    continue
                if options["json"]:
                    self.stdout.write(json_text(as_json(step)))
                else:
                    console.print(line(step, whole=whole))
                after = step.event.position
            self.stdout.flush()
            after = max(after, head)
            time.sleep(0.5)


def _everything(after: int) -> Iterator[EventChanges]:
    """The whole log's events after a position, without their changes."""
    for event in Log().brief_events(after, LONGEST):
        yield EventChanges(event, [])


def _is_cut(step: EventChanges) -> bool:
    """Whether a line of it cuts a value."""
    return any(len(str(value)) >= WIDTH for c in step.changes for value in (c.old, c.new))
