"""The acceptances of a log: accepted clock jumps and losses, each with a reason."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.administration.events import ClockJumpAccepted, LogAccepted
from domain.administration.values import LostHead
from domain.aggregate import Aggregate
from domain.consolidation.errors import ReasonMissing
from domain.events import Actor

ACCEPTANCES_ID = UUID("6d0c9a2b-5b0f-5b44-8d57-0f9c3d1f2e77")
"""The only such stream of a log. A constant, so that it is found without a lookup."""


class Acceptances(Aggregate):
    """Keeps track of what was accepted, so that it is not reported again."""

    def __init__(self, id: UUID = ACCEPTANCES_ID) -> None:
        super().__init__(id)
        self.clock_until: datetime | None = None
        """The latest time of the log that was accepted although it was ahead of the clock."""
        self.losses: list[LogAccepted] = []

    def accept_clock_jump(
        self,
        *,
        until: datetime,
        ahead_seconds: int,
        log_position: int,
        chain_head: str,
        actor: Actor,
        reason: str | None,
    ) -> None:
        """Accept that the log's time is ahead of the clock and continues from there."""
        if not (reason or "").strip():
            raise ReasonMissing("Accepting that the log's time is ahead")
        self.record(
            ClockJumpAccepted,
            until=until,
            ahead_seconds=ahead_seconds,
            log_position=log_position,
            chain_head=chain_head,
            actor=actor,
            reason=reason,
        )

    def accept_log(
        self,
        *,
        lost: Sequence[LostHead],
        log_position: int,
        chain_head: str,
        actor: Actor,
        reason: str | None,
    ) -> None:
        """Accept the log as it is now, although it lacks heads that were remembered."""
        if not (reason or "").strip():
            raise ReasonMissing("Accepting a log that lost events")
        self.record(
            LogAccepted,
            lost=tuple(lost),
            log_position=log_position,
            chain_head=chain_head,
            actor=actor,
            reason=reason,
        )

    def accepts(self, head: LostHead) -> bool:
        """Whether exactly this head was accepted as lost."""
        return any(
            (one.position, one.hash) == (head.position, head.hash)
            for loss in self.losses
            for one in loss.lost
        )

    def when(self, event: Any) -> None:
        match event:
            case ClockJumpAccepted():
                if self.clock_until is None or event.until > self.clock_until:
                    self.clock_until = event.until
            case LogAccepted():
                self.losses = [*self.losses, event]
