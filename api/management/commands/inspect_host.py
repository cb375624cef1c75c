"""`manage.py inspect_host`: inspect a host before it is imported, without writing."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from api.management.base import Outcome, ServiceCommand, add_source, counted
from infrastructure.hosts.inspecting.findings import finding_lines
from infrastructure.hosts.inspecting.inspection import Inspection
from projections.services.host_inspection import inspect_host


class Command(ServiceCommand):
    help = "Inspect a host before it is imported: rows, oddities, orphans, size. Writes nothing."

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
    lines += finding_lines(inspection.findings, inspection.zone)
    seconds = inspection.estimated_seconds
    how_long = f"about {seconds:,.0f} s" if seconds >= 1 else "less than a second"
    lines.append(f"An import takes {how_long}.")
    return "\n".join(lines)
