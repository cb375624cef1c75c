"""`projections`: where each projection is."""

from typing import Any

from rich.table import Table

from infrastructure.commands import Command as BaseCommand
from infrastructure.commands import Outcome
from projections.engine.state import projections_state

COLUMNS = (
    "label", "generation", "scope", "version", "position", "lag_events", "lag_seconds", "rows",
    "quarantined", "state",
)  # fmt: skip


class Command(BaseCommand):
    help = "Generation, scope, version, position, lag, rows and state of every projection."

    def run(self, options: dict[str, Any]) -> Outcome:
        projections = projections_state()
        table = Table(*(column.replace("_", " ") for column in COLUMNS), box=None)
        for one in projections:
            table.add_row(*(_shown(one[column]) for column in COLUMNS))
            if one["error"]:
                table.add_row("", one["error"])
        return Outcome({"projections": projections}, table)


def _shown(value: Any) -> str:
    if value is None:
        return "-"
    return f"{value:.1f}" if isinstance(value, float) else str(value)
