"""`manage.py import_host`: record what the host's tables hold."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from infrastructure.arguments import at_least
from infrastructure.commands import Command as BaseCommand
from infrastructure.commands import Outcome, add_source, counted
from infrastructure.hosts.followers import follow
from infrastructure.hosts.importer import import_host
from infrastructure.hosts.report import ImportReport
from infrastructure.hosts.tables import HOST_TABLES


class Command(BaseCommand):
    help = (
        "Record what the host's restore and backup tables hold, and bring the projections up to "
        "it. Again: only what changed since."
    )
    changes_something = True

    def arguments(self, parser: CommandParser) -> None:
        add_source(parser)
        parser.add_argument(
            "--allow-deletions",
            type=at_least(0),
            metavar="N",
            help="so many imported rows may be gone from the host",
        )
        parser.add_argument(
            "--accept-fingerprint",
            metavar="FINGERPRINT",
            help="the host with this fingerprint is the one that was imported before",
        )
        parser.add_argument(
            "--rebuild-index",
            action="store_true",
            help="first make the index of imported rows anew from the log",
        )

    def run(self, options: dict[str, Any]) -> Outcome:
        with self.progress("Importing") as tick:
            report = import_host(
                options["source"],
                actor=options["actor"],
                zone=settings.SOURCE_TIME_ZONE,
                allow_deletions=options["allow_deletions"],
                accept_fingerprint=options["accept_fingerprint"],
                dry_run=options["dry_run"],
                rebuild_index=options["rebuild_index"],
                progress=tick,
            )
        problems = [] if options["dry_run"] else self._follow(report)
        return Outcome(report.as_dict(), _text(report, problems, dry_run=options["dry_run"]))

    def _follow(self, report: ImportReport) -> list[str]:
        """Bring the projections up to the log; the import stands, whatever stops them."""
        with self.progress("Projecting") as tick:
            quarantined, problems = follow(tick)
        for label, count in quarantined.items():
            if label in report.tables:  # When the migration was retired, the legacy ones are not.
                report.tables[label].quarantined = count
        for problem in problems:
            self.complain(problem)
        return problems


def _text(report: ImportReport, problems: list[str], *, dry_run: bool) -> str:
    lines = [
        f"{label}: {counted(table.rows, 'row')}, {table.imported:,} imported, "
        f"{table.changed:,} changed, {table.deleted:,} deleted, {table.unchanged:,} unchanged"
        + (f", {table.quarantined:,} that the table cannot hold" if table.quarantined else "")
        for label, table in report.tables.items()
    ]
    if not any(table.origin == "legacy" for table in HOST_TABLES if table.label in report.tables):
        lines.append(
            "The host's legacy tables are not imported any more: the migration is retired."
        )
    would = "would be recorded" if dry_run else "recorded"
    lines.append(
        f"{counted(report.events, 'event')} {would} in {report.seconds:.1f} s; "
        f"the log is at position {report.position:,}"
    )
    if problems:
        lines.append("The tables do not show all of it yet. See: manage.py projections")
    return "\n".join(lines)
