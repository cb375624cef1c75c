"""The consolidation's state in words, for the pages."""

from collections.abc import Mapping
from typing import Any

from domain.consolidation.values import ConsolidationState
from projections.consolidation.contradictions import Correction
from projections.consolidation.presentation import consolidation_as_json

WORDS = {
    ConsolidationState.PLANNED: (
        "Planned",
        "No host has been imported yet.",
    ),
    ConsolidationState.IMPORTED: (
        "Imported",
        "The host’s rows are in the log. The consolidated table does not hold the legacy rows yet.",
    ),
    ConsolidationState.VERIFIED: (
        "Verified",
        "Every row was compared with the host. The consolidated table does not hold the legacy "
        "rows yet.",
    ),
    ConsolidationState.CUT_OVER: (
        "Cut over",
        "The consolidated table holds the legacy rows too. This can still be rolled back.",
    ),
    ConsolidationState.ROLLED_BACK: (
        "Rolled back",
        "The consolidated table does not hold the legacy rows any more. Nothing was lost, and it "
        "can be cut over again.",
    ),
    ConsolidationState.RETIRED: (
        "Retired",
        "The migration is over. The consolidated table here holds the legacy rows, and the host’s "
        "legacy tables are not imported any more. The host must keep them: its own consolidated "
        "table does not hold their rows.",
    ),
}
"""The name of each state, and its meaning."""


def in_words() -> dict[str, Any]:
    """The state, its meaning and since when; the verification; contradicted certificates; steps."""
    told = consolidation_as_json()
    return {
        **state_in_words(told),
        "contradicted": [
            one | {"by": [str(Correction(**correction)) for correction in one["by"]]}
            for one in told["contradicted_certificates"]
        ],
        "history": told["history"],
    }


def state_in_words(told: Mapping[str, Any]) -> dict[str, Any]:
    """The state, its meaning and since when; the verification."""
    name, meaning = WORDS[told["state"]]
    verification = told["verification"]
    return {
        "name": name,
        "meaning": meaning,
        "since": told["since"],
        "in_force": told["state"] in (ConsolidationState.CUT_OVER, ConsolidationState.RETIRED),
        "verified": verification["certificate"] is not None,
        "current": verification["current"],
        "why": verification["why"],
        "certificate": verification["certificate"],
        "position": verification["position"],
    }
