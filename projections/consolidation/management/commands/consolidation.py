"""`manage.py consolidation`: the state of the process, and how it came to be."""

from typing import Any

from infrastructure.commands import Command as BaseCommand
from infrastructure.commands import Outcome
from projections.consolidation.telling import consolidation_as_json, history_lines


class Command(BaseCommand):
    help = (
        "How far the consolidation has come, whether its verification is current, and who did what."
    )

    def run(self, options: dict[str, Any]) -> Outcome:
        result = consolidation_as_json()
        verification = result["verification"]
        current = "current" if verification["current"] else f"not current: {verification['why']}"
        lines = [f"state         {result['state']}", f"verification  {current}", ""]
        return Outcome(result, "\n".join([*lines, *history_lines(result["history"])]))
