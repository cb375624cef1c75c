"""`manage.py cut_over`: add the legacy rows to the consolidated tables."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from api import steps
from api.management.arguments import OptionsDoNotFit, at_least
from api.management.base import Outcome, ServiceCommand, add_source
from api.management.confirmation import (
    add_proof,
    add_yes,
    confirm,
    with_export,
)
from api.management.consolidation_text import proof_lines
from infrastructure.event_store.log import Log
from infrastructure.printable import printable
from infrastructure.recording.consolidation import load_consolidation
from projections.consolidation.presentation import step_as_json
from projections.consolidation.step_request import StepRequest
from projections.consolidation.step_run import Step
from projections.consolidation.steps import cut_over, restore_snapshot
from projections.services.lost_events import refuse_lost_events
from projections.verification.errors import NoHostNamed

BACK = (
    "put all four tables back from {file}, as they were before that cut-over, and apply the "
    "events since. The log is not changed."
)
OF_A_CUT_OVER = ("certificate", "export", "snapshot", "accept_quarantined", "workers")
"""Options that have no meaning when tables are put back."""


class Command(ServiceCommand):
    help = (
        "Add the legacy rows to the consolidated tables, proven row by row, in one "
        "transaction. Or, with --restore-snapshot, put back the tables that a cut-over saved."
    )
    changes_something = True

    def arguments(self, parser: CommandParser) -> None:
        add_yes(parser)
        add_source(parser)
        parser.add_argument(
            "--accept-quarantined",
            type=at_least(0),
            metavar="N",
            help="accept exactly this many rows that no table can hold",
        )
        parser.add_argument("--reason", metavar="TEXT", help="why, for the log and the certificate")
        add_proof(parser)
        parser.add_argument(
            "--snapshot",
            type=Path,
            metavar="FILE",
            help="where all four tables are saved before (default: var/consolidation); what an "
            "earlier cut-over saved is never replaced",
        )
        parser.add_argument(
            "--workers", type=at_least(1), metavar="N", help="processes that build the new tables"
        )
        parser.add_argument(
            "--restore-snapshot", type=Path, metavar="FILE", help="put these tables back instead"
        )

    def run(self, options: dict[str, Any]) -> Outcome:
        refuse_lost_events(Log())
        asked = StepRequest(options["actor"], options["reason"], options["accept_quarantined"])
        if options["restore_snapshot"]:
            return self._restore(options, asked)
        consolidation = load_consolidation(Log())
        consolidation.refuse_cut_over()
        if not options["source"].strip():
            raise NoHostNamed
        if options["dry_run"]:
            result = {"state": consolidation.state, "position": Log().head().position}
            return Outcome(result, steps.only_said(steps.CUT_OVER))
        confirm(options, steps.announced(steps.CUT_OVER))
        with self.progress("Cutting over") as tick:
            step = cut_over(
                options["source"],
                asked,
                certificate=options["certificate"],
                snapshot=options["snapshot"],
                export=options["export"],
                zone=settings.SOURCE_TIME_ZONE,
                progress=tick,
                workers=options["workers"],
            )
        self.complain_of(step.behind)
        return Outcome(with_export(step_as_json(step), options), _text(step, options["export"]))

    def _restore(self, options: dict[str, Any], asked: StepRequest) -> Outcome:
        file: Path = options["restore_snapshot"]
        ignored = [option for option in OF_A_CUT_OVER if options[option] is not None]
        if ignored:
            spelled = f"--{ignored[0].replace('_', '-')}"
            raise OptionsDoNotFit(
                f"{spelled} does not go with --restore-snapshot, which makes no cut-over. Leave "
                "one of them out."
            )
        if options["dry_run"]:
            consolidation = load_consolidation(Log())
            result = {"state": consolidation.state, "position": Log().head().position}
            return Outcome(result, steps.only_said(BACK.format(file=file)))
        confirm(options, steps.announced(BACK.format(file=file)))
        step = restore_snapshot(file, asked)
        self.complain_of(step.behind)
        return Outcome(
            with_export({**step_as_json(step), "certificate_sha256": None}, options),
            f"The tables of {printable(str(file))} are back, with the events up to position "
            f"{step.position:,}.",
        )


def _text(step: Step, rows: Path | None) -> str:
    return "\n".join(
        (
            f"Cut over at position {step.position:,}, in {step.seconds:.1f} s; for "
            f"{step.held_seconds:.2f} s of that nothing could be recorded.",
            *proof_lines(step, rows),
            f"snapshot     {printable(str(step.snapshot))}",
            "To take it back: manage.py roll_back",
        )
    )
