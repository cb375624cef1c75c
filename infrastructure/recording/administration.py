"""Recording that a clock jump or a loss of events was accepted."""

from collections.abc import Sequence

from domain.administration.events import ClockJumpAccepted, LogAccepted
from domain.administration.values import LostHead
from domain.events import Actor
from infrastructure.event_store.acceptances import acceptances
from infrastructure.event_store.errors import NothingToAccept
from infrastructure.event_store.findings import clock_findings
from infrastructure.event_store.head_file import start_anew
from infrastructure.event_store.log import Log, as_datetime
from infrastructure.recording.streams import save


def accept_clock_jump(log: Log, *, actor: Actor, reason: str | None) -> ClockJumpAccepted:
    """Accept that the log's time is ahead of the clock; `NothingToAccept` if it is not."""
    if not clock_findings(log):
        raise NothingToAccept("the log's time is not ahead of the clock, or was accepted")
    accepted, head = acceptances(log), log.head()
    accepted.accept_clock_jump(
        until=as_datetime(head.recorded_at),
        ahead_seconds=max((head.recorded_at - log.clock()) // 1_000_000, 0),
        log_position=head.position,
        chain_head=head.hash.hex(),
        actor=actor,
        reason=reason,
    )
    (event,) = save(log, accepted)
    assert isinstance(event, ClockJumpAccepted)
    return event


def accept_log(
    log: Log, lost: Sequence[LostHead], *, actor: Actor, reason: str | None
) -> LogAccepted:
    """Accept the log as it is, without the heads that were `lost`, and keep its current head.

    Raises `NothingToAccept` if `lost` is empty.
    """
    if not lost:
        raise NothingToAccept("the log contains all remembered heads")
    accepted, head = acceptances(log), log.head()
    accepted.accept_log(
        lost=list(lost),
        log_position=head.position,
        chain_head=head.hash.hex(),
        actor=actor,
        reason=reason,
    )
    (event,) = save(log, accepted)
    start_anew(log)
    assert isinstance(event, LogAccepted)
    return event
