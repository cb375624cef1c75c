"""Events of the log as a whole. The metadata says who did it, and why."""

from datetime import datetime
from typing import ClassVar

from domain.administration.values import LostHead
from domain.events import Event


class AdministrationEvent(Event, frozen=True, kw_only=True):
    """Something that happened to the log as a whole."""


class ClockJumpAccepted(AdministrationEvent, frozen=True, kw_only=True):
    """Somebody accepted that the log's time is ahead of the clock.

    `until` is the accepted time of the log. It was `ahead_seconds` ahead of the database server's
    clock. The log ended at `log_position` then, with the hash `chain_head`.
    """

    TOPIC: ClassVar[str] = "administration.ClockJumpAccepted"
    until: datetime
    ahead_seconds: int
    log_position: int
    chain_head: str


class LogAccepted(AdministrationEvent, frozen=True, kw_only=True):
    """Somebody accepted that the log lost events, or that it is not the one remembered.

    `lost` are the heads that were remembered and are not in the log. The log ended at
    `log_position` when it was accepted, with the hash `chain_head`.
    """

    TOPIC: ClassVar[str] = "administration.LogAccepted"
    lost: tuple[LostHead, ...]
    log_position: int
    chain_head: str


EVENTS: tuple[type[AdministrationEvent], ...] = (ClockJumpAccepted, LogAccepted)
