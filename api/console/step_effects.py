"""What a step of the consolidation would do, for its page: in words, and in rows."""

from typing import Any

from domain.consolidation.values import Scope
from projections.consolidation.step_preview import rows_after

EFFECTS = {
    "cut_over": (
        "It imports the host as it is now. What is new there is recorded, even if the step is "
        "refused afterwards.",
        "It builds the wider tables beside the live ones and compares every row of all four tables "
        "with the host. If one differs, the step is refused and no table changes.",
        "It saves all four tables to a file on the server, and writes a signed certificate.",
        "For a moment nothing can be recorded. It compares what was recorded meanwhile, and "
        "switches both tables in one transaction.",
    ),
    "roll_back": (
        "It brings the tables from before the cut-over up to date. If they are gone, it builds "
        "them from the log.",
        "For a moment nothing can be recorded. It switches both tables in one transaction.",
        "Nothing is removed from the log, and it can be cut over again.",
    ),
    "retire": (
        "It imports the host one last time, compares every row with it, and writes a last signed "
        "certificate. If a row differs, the step is refused.",
        "It records the end. No table changes.",
        "From then on the host’s legacy tables are not imported any more, and the cut-over cannot "
        "be taken back.",
    ),
}
"""What each step does, in its order."""
SCOPES = {"cut_over": Scope.ALL, "roll_back": Scope.NATIVE}
"""The rows that the consolidated tables hold after a step that changes them."""


def step_effects(name: str) -> dict[str, Any]:
    """What the step would do, and the tables that it would change."""
    scope = SCOPES.get(name)
    return {"effects": EFFECTS[name], "preview": [] if scope is None else rows_after(scope)}
