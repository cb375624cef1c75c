"""`accept_clock`: accept that the log's time is ahead of the clock."""

from typing import Any

from django.core.management.base import CommandParser

from api.management.base import Outcome, ServiceCommand
from api.remedies import at_terminal
from infrastructure.event_store.errors import NothingToAccept
from infrastructure.event_store.findings import clock_findings
from infrastructure.event_store.log import Log
from projections.services import record


class Command(ServiceCommand):
    help = (
        "Accept that the log's time is ahead of the clock, for a reason that the log keeps. "
        "Until then verify_log, anchor and /readyz report it; recording goes on anyway."
    )
    changes_something = True

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--reason", required=True, metavar="TEXT", help="why it is ahead; the log keeps it"
        )

    def run(self, options: dict[str, Any]) -> Outcome:
        if options["dry_run"]:
            found = clock_findings(Log())
            if not found:
                raise NothingToAccept("the log's time is not ahead of the clock, or was accepted")
            head = Log().head()
            return Outcome(
                {"until": None, "position": head.position},
                f"Found: {found[0].problem.said(at_terminal)}",
            )
        recorded = record.accept_clock_jump(actor=options["actor"], reason=options["reason"])
        self.complain_of(recorded.behind)
        until, ahead = recorded.what.until.isoformat(), recorded.what.ahead_seconds
        return Outcome(
            {"until": until, "position": recorded.position},
            f"Accepted: the log's time is {until}, {ahead:,} s ahead. Recording goes on from "
            "there.",
        )
