"""`manage.py retire`: end the migration."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from api import steps
from api.management.arguments import at_least
from api.management.base import Outcome, ServiceCommand, add_source
from api.management.confirmation import (
    add_proof,
    add_yes,
    confirm,
    with_export,
)
from api.management.consolidation_text import proof_lines
from infrastructure.event_store.log import Log
from infrastructure.recording.consolidation import load_consolidation
from projections.consolidation.presentation import step_as_json
from projections.consolidation.step_request import StepRequest
from projections.consolidation.steps import retire
from projections.services.lost_events import refuse_lost_events
from projections.verification.errors import NoHostNamed

ROWS_IN_HOST = (
    "The host's own consolidated table holds every legacy restore. The certificate says so, in "
    "`moved`."
)
ROWS_NOT_IN_HOST = (
    "Do not drop the host's legacy tables: its own consolidated table does not hold their rows."
)


class Command(ServiceCommand):
    help = "End the migration with a final certificate; the legacy tables are no longer imported."
    changes_something = True

    def arguments(self, parser: CommandParser) -> None:
        add_yes(parser)
        parser.add_argument("--reason", metavar="TEXT", help="why; needed, and the log keeps it")
        add_source(parser)
        parser.add_argument(
            "--accept-quarantined",
            type=at_least(0),
            metavar="N",
            help="accept this many quarantined rows (default: as many as at the cut-over)",
        )
        add_proof(parser)

    def run(self, options: dict[str, Any]) -> Outcome:
        refuse_lost_events(Log())
        consolidation = load_consolidation(Log())
        consolidation.refuse_retirement(options["reason"])
        if not options["source"].strip():
            raise NoHostNamed
        if options["dry_run"]:
            result = {"state": consolidation.state, "certificate": None}
            return Outcome(result, steps.only_said(steps.RETIRE))
        confirm(options, steps.announced(steps.RETIRE))
        with self.progress("Retiring") as tick:
            step = retire(
                options["source"],
                StepRequest(options["actor"], options["reason"], options["accept_quarantined"]),
                certificate=options["certificate"],
                export=options["export"],
                zone=settings.SOURCE_TIME_ZONE,
                progress=tick,
            )
        self.complain_of(step.behind)
        lines = [
            f"Retired at position {step.position:,}, in {step.seconds:.1f} s.",
            *proof_lines(step, options["export"]),
            "Keep the certificate where the service cannot write.",
            ROWS_IN_HOST if step.host_holds_legacy_rows else ROWS_NOT_IN_HOST,
        ]
        return Outcome(with_export(step_as_json(step), options), "\n".join(lines))
