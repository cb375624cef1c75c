"""`projections`: the state of each projection."""

from typing import Any

from api.management.base import Outcome, ServiceCommand
from api.management.presentation import in_columns
from api.remedies import at_terminal
from domain.messages import worded
from infrastructure.event_store.head_file_updates import warning
from infrastructure.event_store.log import Log
from infrastructure.printable import printable
from projections.engine.state import projections_state

COLUMNS = (
    "label", "generation", "scope", "version", "position", "lag_events", "lag_seconds", "rows",
    "quarantined", "state",
)  # fmt: skip


class Command(ServiceCommand):
    help = "Generation, scope, version, position, lag, rows and state of every projection."

    def run(self, options: dict[str, Any]) -> Outcome:
        projections = worded(projections_state(), at_terminal)
        text = in_columns(
            COLUMNS, [[_shown(one[column]) for column in COLUMNS] for one in projections]
        )
        for one in projections:
            if one["error"]:
                text.append(f"\n{printable(one['error'])}")
        warnings = [one for one in [warning(Log())] if one]
        return Outcome({"projections": projections, "warnings": warnings}, text)


def _shown(value: Any) -> str:
    if value is None:
        return "-"
    return f"{value:.1f}" if isinstance(value, float) else str(value)
