"""`manage.py verify`: the projections against the host, and the log against itself."""

from contextlib import nullcontext
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser
from rich.console import Group
from rich.text import Text

from api.management.base import Outcome, ServiceCommand
from api.management.verification_text import SHOWN, as_text
from infrastructure.application import RestoreLog
from infrastructure.documents.keys import signer
from infrastructure.event_store.log import Log
from infrastructure.event_store.remembered_heads import refuse_lost_events
from infrastructure.output_files import refuse_overwriting
from infrastructure.printable import printable
from projections.engine.following import take_in
from projections.verification.certificate import export as exports
from projections.verification.certificate import issue as certificates
from projections.verification.certificate.evidence import Evidence
from projections.verification.certificate.export import Export
from projections.verification.certificate.export_events import events_output as events_output
from projections.verification.certificate.export_events import export_events
from projections.verification.certificate.issue import Issued, issue
from projections.verification.errors import CannotVerify
from projections.verification.report import report_as_json
from projections.verification.verify import LIMIT, Verification, verify


class Command(ServiceCommand):
    help = (
        "Compare all four tables with the host, row by row, and check the log's hash chain. "
        "Writes nothing, unless a certificate is asked for."
    )
    changes_something = True

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--source", default=None, metavar="URL", help="the host (default: SOURCE_DATABASE_URL)"
        )
        parser.add_argument("--all", action="store_true", help="show every difference")
        parser.add_argument(
            "--certificate",
            type=Path,
            metavar="FILE",
            help="write down, signed, what was found, and record that in the log; never in place "
            "of a certificate that the log names",
        )
        parser.add_argument(
            "--export",
            type=Path,
            metavar="ROWS.ndjson",
            help="with --certificate: also every row that it counts, for its owner's eyes; a "
            "file of rows that is there is replaced",
        )

        parser.add_argument(
            "--export-events",
            type=Path,
            metavar="EVENTS.ndjson",
            help="with --certificate: also the whole log, for its owner's eyes, so that its chain "
            "can be computed again; a file of events that is there is replaced",
        )

    def run(self, options: dict[str, Any]) -> Outcome:
        if options["export"] and not options["certificate"]:
            raise CannotVerify("--export goes with --certificate.")
        if options["export_events"] and not options["certificate"]:
            raise CannotVerify("--export-events goes with --certificate.")
        if options["certificate"] is None or options["dry_run"]:
            return self._outcome(self._verified(options), options, None)
        key = signer()  # Before the work, not after it.
        refuse_lost_events(Log())
        self._refuse_overwriting(options)
        with Export(options["export"]) if options["export"] else nullcontext() as export:
            proof = Evidence(export)
            found = self._verified(options, proof)
            issued = issue(
                found,
                proof,
                purpose="verify",
                actor=options["actor"],
                path=options["certificate"],
                key=key,
            )
        RestoreLog().certify(actor=options["actor"], **issued.facts())
        take_in(None)
        if options["export_events"]:
            export_events(options["export_events"])
        return self._outcome(found, options, issued)

    def _refuse_overwriting(self, options: dict[str, Any]) -> None:
        outputs = [
            certificates.certificate_output(options["certificate"], RestoreLog().certificates())
        ]
        if options["export"]:
            outputs.append(exports.rows_output(options["export"]))
        if options["export_events"]:
            outputs.append(events_output(options["export_events"]))
        refuse_overwriting(outputs, source=options["source"] or "")

    def _verified(self, options: dict[str, Any], proof: Evidence | None = None) -> Verification:
        with self.progress("rows compared") as ticker:
            return verify(
                options["source"] or settings.SOURCE_DATABASE_URL,
                zone=settings.SOURCE_TIME_ZONE,
                limit=None if options["all"] else LIMIT,
                progress=ticker,
                proof=proof,
            )

    def _outcome(
        self, found: Verification, options: dict[str, Any], issued: Issued | None
    ) -> Outcome:
        result = report_as_json(found)
        result["certificate"] = str(issued.path) if issued else None
        result["certificate_sha256"] = issued.sha256 if issued else None
        for name in ("export", "export_events"):
            result[name] = str(options[name]) if issued and options[name] else None
        lines = [as_text(found, None if options["all"] else SHOWN)]
        if issued:
            lines.append(Text(printable(f"Certificate {issued.path}, SHA-256 {issued.sha256}")))
            if options["export"]:
                lines.append(Text(printable(f"Every row that it counts: {options['export']}")))
            if options["export_events"]:
                said = f"The log, that certificate included: {options['export_events']}"
                lines.append(Text(printable(said)))
        elif options["certificate"]:
            lines.append(
                Text(printable(f"A certificate would be written to {options['certificate']}"))
            )
        return Outcome(result, Group(*lines), 0 if found.equal else 1)
