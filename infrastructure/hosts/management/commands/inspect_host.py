"""`manage.py inspect_host`: look at a host before it is imported; writes nothing."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from infrastructure.commands import Command as BaseCommand
from infrastructure.commands import Outcome, add_source
from infrastructure.hosts.inspection import Inspection, inspect_host


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
        f"{label}: {table['rows']:,} rows, {table['bytes'] / 2**20:,.1f} MiB as events"
        for label, table in inspection.tables.items()
    ]
    for finding in inspection.findings:
        keys = f" (id {', '.join(map(str, finding.keys))}…)" if finding.keys else ""
        lines.append(f"{finding.table}: {finding.count:,} × {finding.message}{keys}")
    lines.append(f"An import takes about {inspection.estimated_seconds:,.0f} s.")
    return "\n".join(lines)
