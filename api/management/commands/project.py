"""`project`: apply new events to the projections; with `--follow`, keep doing so."""

import time
from argparse import ArgumentTypeError
from math import inf
from typing import Any

from django.core.management.base import CommandParser

from api.access.reporting import report_due
from api.management.base import Outcome, ServiceCommand
from api.management.reasons import reason
from api.management.restore_watch import RestoreWatch
from api.management.search_indexes import search_lines, search_shown
from api.remedies import at_terminal
from infrastructure.event_store.head_file import refuse_lost_end
from infrastructure.event_store.head_file_updates import HeadFileFollower
from infrastructure.event_store.log import Log
from projections.engine.catch_up import CatchUpResult, catch_up
from projections.engine.first_fill import fill
from projections.engine.search import build_missing

SEARCH_EVERY = 10.0
"""Seconds after which the worker looks again whether a table lacks its search index."""


class Command(ServiceCommand):
    help = "Apply new events to the tables. With --follow: the worker."

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--follow", action="store_true", help="go on until interrupted")
        parser.add_argument(
            "--interval",
            type=_seconds,
            default=0.5,
            metavar="SECONDS",
            help="how long to wait when there are no new events (default: 0.5)",
        )

    def run(self, options: dict[str, Any]) -> Outcome:
        head, watch = HeadFileFollower(), RestoreWatch(options["actor"])
        if options["follow"]:
            refuse_lost_end(Log())
        self._look_after(watch)
        with self.progress("Catching up") as tick:
            fill(progress=tick)
            caught = catch_up(progress=tick)
        made, looked = build_missing(), time.monotonic()
        reported = self._report(caught, {})
        while options["follow"]:
            self._keep(head)
            self._look_after(watch)
            time.sleep(options["interval"])
            report_due()
            reported = self._report(catch_up(), reported)
            if time.monotonic() - looked > SEARCH_EVERY:
                build_missing()
                looked = time.monotonic()
        projections = {
            label: {
                "position": one.position,
                "events": one.events,
                "error": one.error.message if one.error else "",
            }
            for label, one in caught.items()
        }
        stopped = any(one.error for one in caught.values())
        lines = [
            f"{label} is at {one.position:,} (+{one.events:,})" for label, one in caught.items()
        ]
        lines += search_lines(made)
        result = {"projections": projections, "search": search_shown(made)}
        return Outcome(result, "\n".join(lines), 2 if stopped else 0)

    def _keep(self, head: HeadFileFollower) -> None:
        """Remember the log's head; stop if the log has lost a remembered one."""
        if problem := head.look():
            refuse_lost_end(Log())
            self.complain(problem.said(at_terminal))

    def _look_after(self, watch: RestoreWatch) -> None:
        """Record what the wrappers of restores could not."""
        for line in watch.look():
            self.complain(line)

    def _report(self, caught: dict[str, CatchUpResult], reported: dict[str, str]) -> dict[str, str]:
        """Report on stderr, once, why a projection has stopped."""
        errors = {label: reason(one.error) for label, one in caught.items() if one.error}
        for label, error in errors.items():
            if reported.get(label) != error:
                self.complain(error)
        return errors


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1
    if not 0 <= seconds < inf:
        raise ArgumentTypeError(f"{text!r} is not a number of seconds")
    return seconds
