"""The request for a step."""

from dataclasses import dataclass

from domain.events import Actor


@dataclass(frozen=True)
class StepRequest:
    """Who wants a step, why, and what they accept."""

    actor: Actor
    reason: str | None = None
    accept_quarantined: int | None = None
