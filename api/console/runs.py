"""Runs of maintenance as pages show them: the one at work with its progress, and earlier ones."""

from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Q

from infrastructure.maintenance.models import MaintenanceRun, RunKind, RunOutcome
from infrastructure.maintenance.runs import is_alive

SHOWN = 10
"""Runs on a page: the latest."""
WORDS = {RunKind.VERIFY: "Check of the whole log", RunKind.REBUILD: "Rebuild of all tables"}
MEANINGS = {
    RunOutcome.DONE: "good",
    RunOutcome.FOUND: "bad",
    RunOutcome.FAILED: "bad",
    RunOutcome.LOST: "bad",
}
PHASES = {
    "prepare": "making empty tables",
    "load": "replaying the log",
    "finish": "making the indexes",
    "digest": "computing the digests",
    "switch": "switching to the new tables",
    "search": "switched; making the search indexes",
}
"""The phases of a rebuild; a check of the log has none."""


class RunShown(NamedTuple):
    """A run. `outcome` is `lost` as soon as its process is gone, even if nobody noted it."""

    what: str
    kind: str
    subject: str
    actor: str
    asked_at: datetime
    ended_at: datetime | None
    seconds: int | None
    outcome: str
    meaning: str
    told: str
    phase: str
    done: int
    total: int
    result: dict[str, Any]

    @property
    def percent(self) -> int | None:
        return min(100 * self.done // self.total, 100) if self.total else None


class RunsShown(NamedTuple):
    """The run at work, of whichever kind, and the earlier runs of one kind, newest first."""

    present: RunShown | None
    past: list[RunShown]

    def last_result(self) -> RunShown | None:
        """The latest run that was carried out to its end."""
        carried_out = (RunOutcome.DONE, RunOutcome.FOUND)
        return next((run for run in self.past if run.outcome in carried_out), None)


def runs_shown(kind: RunKind) -> RunsShown:
    """The runs on the page of this kind."""
    rows = MaintenanceRun.objects.filter(Q(kind=kind) | Q(slot=1)).order_by("-pk")[:SHOWN]
    runs = [_shown(row) for row in rows]
    present = next((run for run in runs if not run.outcome), None)
    return RunsShown(present, [run for run in runs if run.outcome and run.kind == kind])


def _shown(row: MaintenanceRun) -> RunShown:
    outcome = row.outcome
    if row.slot is not None and not is_alive(row):
        outcome = RunOutcome.LOST.value
    ended = row.ended_at
    kind = RunKind(row.kind)
    return RunShown(
        f"Rebuild of {row.subject}" if row.subject else WORDS[kind],
        kind.value,
        row.subject,
        row.actor,
        row.asked_at,
        ended,
        round((ended - row.asked_at).total_seconds()) if ended else None,
        outcome,
        MEANINGS[RunOutcome(outcome)] if outcome else "busy",
        RunOutcome(outcome).label if outcome else "is running",
        PHASES.get(row.phase, "checking every hash" if kind is RunKind.VERIFY else ""),
        row.done,
        row.total,
        row.result,
    )
