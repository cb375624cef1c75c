"""`manage.py verify`: compare the projections with the host, and check the log's chain."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from django.conf import settings
from django.core.management.base import CommandParser
from rich.console import Group
from rich.text import Text

from api.management.base import Outcome, ServiceCommand
from api.management.verification_text import SHOWN, as_text
from infrastructure.printable import printable
from projections.services.certification import certify
from projections.verification.certificate.issue import Issued
from projections.verification.errors import CannotVerify
from projections.verification.report import report_as_json
from projections.verification.verify import LIMIT, Verification, verify

T = TypeVar("T")


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
            help="write a signed certificate of the result, and record it in the log; one that the "
            "log names is never replaced",
        )
        parser.add_argument(
            "--export",
            type=Path,
            metavar="ROWS.ndjson",
            help="with --certificate: also write every row that it counts, readable only by the "
            "file's owner; an existing file of rows is replaced",
        )

        parser.add_argument(
            "--export-events",
            type=Path,
            metavar="EVENTS.ndjson",
            help="with --certificate: also write the whole log, readable only by the file's owner, "
            "so that its chain can be computed again; an existing file of events is replaced",
        )

    def run(self, options: dict[str, Any]) -> Outcome:
        if options["export"] and not options["certificate"]:
            raise CannotVerify("--export goes with --certificate.")
        if options["export_events"] and not options["certificate"]:
            raise CannotVerify("--export-events goes with --certificate.")
        if options["certificate"] is None or options["dry_run"]:
            return self._outcome(self._compared(options, verify), options, None)
        certified = self._compared(
            options,
            certify,
            actor=options["actor"],
            certificate=options["certificate"],
            export=options["export"],
            export_events=options["export_events"],
        )
        self.complain_of(certified.behind)
        return self._outcome(certified.found, options, certified.issued)

    def _compared(self, options: dict[str, Any], how: Callable[..., T], **more: Any) -> T:
        with self.progress("rows compared") as ticker:
            return how(
                options["source"] or settings.SOURCE_DATABASE_URL,
                zone=settings.SOURCE_TIME_ZONE,
                limit=None if options["all"] else LIMIT,
                progress=ticker,
                **more,
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
