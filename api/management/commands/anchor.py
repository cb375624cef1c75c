"""`anchor`: a signed statement of the log's head, to be kept elsewhere."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from api.management.base import Outcome, ServiceCommand
from api.remedies import at_terminal
from infrastructure.documents.keys import signer
from infrastructure.documents.signed import write_whole
from infrastructure.event_store.anchor import anchor
from infrastructure.event_store.findings import clock_findings
from infrastructure.event_store.log import Log
from infrastructure.maintenance.anchors import note_issued
from infrastructure.output_files import Output, begins_with, refuse_overwriting
from infrastructure.printable import printable
from projections.services.lost_events import missing_checkpoints


class Command(ServiceCommand):
    help = (
        "Write a signed statement of the log's current position and hash. Kept elsewhere, it later "
        "reveals a log that was recomputed or cut off: see verify_log --anchor."
    )
    changes_something = True

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--out",
            type=Path,
            required=True,
            metavar="FILE",
            help="where to write it; an existing anchor is replaced",
        )

    def run(self, options: dict[str, Any]) -> Outcome:
        out: Path = options["out"]
        key = signer()
        now = anchor(options["actor"], Log(), missing_checkpoints(Log()))
        if not options["dry_run"]:
            refuse_overwriting([Output("out", out, "anchor", begins_with(b'{"anchor":'))])
            write_whole(out, now.file(key))
            note_issued(now)
        written = "would be written to" if options["dry_run"] else "is in"
        findings = clock_findings(Log())
        lines = [
            f"Position {now.position:,}, chain head {now.head}: the anchor {written} "
            f"{printable(str(out))}",
            *(
                f"Found ({finding.code}): {finding.problem.said(at_terminal)}."
                for finding in findings
            ),
        ]
        result = {
            "position": now.position,
            "head": now.head,
            "file": str(out),
            "findings": [finding._asdict() for finding in findings],
        }
        return Outcome(result, "\n".join(lines), 1 if findings else 0)
