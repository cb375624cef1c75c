"""What was asked for, and of which tables."""

from dataclasses import dataclass

from domain.events import Actor

CONSOLIDATED = ("system_backups.RestoreLog", "system_backups.BackupLog")
"""What a cut-over and a roll-back switch, both together."""


@dataclass(frozen=True)
class StepRequest:
    """Who wants a step, why, and what they accept."""

    actor: Actor
    reason: str | None = None
    accept_quarantined: int | None = None
