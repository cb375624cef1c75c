"""`manage.py consolidation`: the state of the consolidation, and its history."""

from typing import Any

from django.core.management.base import CommandParser

from api.management.base import Outcome, ServiceCommand
from api.management.consolidation_text import contradicted_lines, history_lines, legacy_gap_lines
from projections.consolidation.legacy_gaps import LegacyGaps
from projections.consolidation.presentation import consolidation_as_json, legacy_gaps_as_json


class Command(ServiceCommand):
    help = "The consolidation's state, whether its verification is current, and who did what."

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--unrepresentable",
            action="store_true",
            help="also list all that the legacy table cannot represent of what was recorded here",
        )

    def run(self, options: dict[str, Any]) -> Outcome:
        result = consolidation_as_json()
        verification = result["verification"]
        current = "current" if verification["current"] else f"not current: {verification['why']}"
        lines = [f"state         {result['state']}", f"verification  {current}", ""]
        lines[2:2] = contradicted_lines(result["contradicted_certificates"])
        lines += history_lines(result["history"])
        result["unrepresentable"] = None
        if options["unrepresentable"]:
            gaps = LegacyGaps.so_far()
            result["unrepresentable"] = legacy_gaps_as_json(gaps)
            lines += ["", *legacy_gap_lines(gaps, None)]
        return Outcome(result, "\n".join(lines))
