"""`manage.py inspect_host`: look at a host before it is imported; writes nothing."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from infrastructure.commands import Command as BaseCommand
from infrastructure.commands import Outcome, add_source, counted
from infrastructure.hosts.inspection import Finding, Inspection, inspect_host
from infrastructure.printable import printable


class Command(BaseCommand):
    help = "Look at a host before it is imported: rows, oddities, orphans, size. Writes nothing."

    def arguments(self, parser: CommandParser) -> None:
        add_source(parser)

    def run(self, options: dict[str, Any]) -> Outcome:
        with self.progress("Reading") as tick:
            inspection = inspect_host(
                options["source"], zone=settings.SOURCE_TIME_ZONE, progress=tick
            )
        return Outcome(inspection.as_dict(), _text(inspection))


def _text(inspection: Inspection) -> str:
    lines = [
        f"{label}: {counted(table['rows'], 'row')}, {table['bytes'] / 2**20:,.1f} MiB as events"
        for label, table in inspection.tables.items()
    ]
    for finding in inspection.findings:
        said = f"{finding.table}: {finding.count:,} × {finding.message}{_ids(finding)}"
        lines.append(printable(said))
    lines.append(f"An import takes about {inspection.estimated_seconds:,.0f} s.")
    return "\n".join(lines)


def _ids(finding: Finding) -> str:
    """The first of the rows; none where it is not about rows."""
    if not finding.keys:
        return ""
    more = "…" if finding.count > len(finding.keys) else ""
    return f" (id {', '.join(map(str, finding.keys))}{more})"
