"""`manage.py roll_back`: take the legacy rows out of the consolidated tables again."""

from typing import Any

from django.core.management.base import CommandParser

from api import steps
from api.management.arguments import at_least
from api.management.base import Outcome, ServiceCommand
from api.management.confirmation import add_yes, confirm
from api.management.consolidation_text import legacy_gap_lines
from infrastructure.event_store.log import Log
from infrastructure.recording.consolidation import load_consolidation
from projections.consolidation.legacy_gaps import LegacyGaps
from projections.consolidation.presentation import legacy_gaps_as_json, step_as_json
from projections.consolidation.step_request import StepRequest
from projections.consolidation.steps import roll_back
from projections.services.lost_events import refuse_lost_events


class Command(ServiceCommand):
    help = (
        "Undo a cut-over: put back the tables from before it, with everything recorded since. "
        "Lists what the legacy table cannot represent; it stays in the log."
    )
    changes_something = True

    def arguments(self, parser: CommandParser) -> None:
        add_yes(parser)
        parser.add_argument("--reason", metavar="TEXT", help="why, for the log")
        parser.add_argument(
            "--workers",
            type=at_least(1),
            metavar="N",
            help="processes that build the tables if those from before are gone",
        )

    def run(self, options: dict[str, Any]) -> Outcome:
        refuse_lost_events(Log())
        consolidation = load_consolidation(Log())
        consolidation.refuse_roll_back()
        if options["dry_run"]:
            gaps = LegacyGaps.so_far()
            result = {
                "state": consolidation.state,
                "position": Log().head().position,
                "certificate": None,
                "unrepresentable": legacy_gaps_as_json(gaps),
            }
            lines = [steps.only_said(steps.ROLL_BACK), *legacy_gap_lines(gaps)]
            return Outcome(result, "\n".join(lines))
        confirm(options, steps.announced(steps.ROLL_BACK))
        step = roll_back(
            StepRequest(options["actor"], options["reason"]), workers=options["workers"]
        )
        self.complain_of(step.behind)
        lines = [
            f"Rolled back at position {step.position:,}, in {step.seconds:.1f} s; for "
            f"{step.held_seconds:.2f} s of that nothing could be recorded.",
            *legacy_gap_lines(step.unrepresentable or []),
            "To cut over again: manage.py cut_over",
        ]
        return Outcome(step_as_json(step), "\n".join(lines))
