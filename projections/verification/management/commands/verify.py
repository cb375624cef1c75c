"""`manage.py verify`: the projections against the host, and the log against itself."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from infrastructure.commands import Command as BaseCommand
from infrastructure.commands import Outcome
from projections.verification.report import SHOWN, as_json, as_text
from projections.verification.verify import LIMIT, verify


class Command(BaseCommand):
    help = "Compares all four tables with the host, row by row, and checks the log's hash chain."

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--source", default=None, metavar="URL", help="the host (default: SOURCE_DATABASE_URL)"
        )
        parser.add_argument("--all", action="store_true", help="show every difference")

    def run(self, options: dict[str, Any]) -> Outcome:
        source = options["source"] or settings.SOURCE_DATABASE_URL
        with self.progress("rows compared") as ticker:
            found = verify(
                source,
                zone=settings.SOURCE_TIME_ZONE,
                limit=None if options["all"] else LIMIT,
                progress=ticker,
            )
        return Outcome(
            as_json(found),
            as_text(found, None if options["all"] else SHOWN),
            0 if found.equal else 1,
        )
