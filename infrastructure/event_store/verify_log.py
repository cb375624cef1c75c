"""The check of the hash chain from first to last event, and of the heads that events name."""

from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from domain.administration.events import ClockJumpAccepted, LogAccepted
from domain.consolidation.events import Verified
from infrastructure.event_store.chain import ChainVerifier
from infrastructure.event_store.log import Log
from infrastructure.event_store.records import LogRecord

NAME_A_HEAD = frozenset(event.TOPIC for event in (Verified, ClockJumpAccepted, LogAccepted))
"""The events that name an earlier head of the log."""


class _Named(msgspec.Struct):
    """The head that such an event names; the rest of its state is ignored."""

    log_position: int
    chain_head: str


_named = msgspec.json.Decoder(_Named).decode


@dataclass(frozen=True)
class ChainReport:
    """The result. `first_bad` is the first position that does not fit; None if all do.

    `contradiction` means that every event fits the chain, but one of them names a head that the
    log does not contain.
    """

    ok: bool
    events: int
    head: str
    first_bad: int | None
    problem: str
    contradiction: bool = False


def verify_chain(
    log: Log | None = None, progress: Callable[[int, int], None] | None = None
) -> ChainReport:
    """Recompute every hash and compare it with the stored one, and the last with the head.

    If an event names a head, as `consolidation.Verified` does, that head must be in this log.

    Reads up to the end that the log has at the start; later appends are not checked. Memory is
    bounded by one chunk.
    """
    log = log or Log()
    head = log.head()
    walk = ChainVerifier()
    naming: list[LogRecord] = []

    def broken(at: int, why: str) -> ChainReport:
        return ChainReport(False, walk.position, walk.hash.hex(), at, why)

    for records in log.records(upto=max(head.position, 1)):
        wrong = walk.follow_all(records)
        if wrong:
            return broken(walk.position + 1, wrong)
        naming += [record for record in records if record.topic in NAME_A_HEAD]
        if progress:
            progress(walk.position, head.position)
    if (walk.position, walk.hash, walk.recorded_at) != head:
        # All events fit; the head does not fit them.
        at_the_end = walk.position == head.position
        bad = walk.position if at_the_end else min(walk.position, head.position) + 1
        says = f"the log's head says it ends at position {head.position}, with another hash"
        return broken(bad, says)
    beyond = next(log.records(after=head.position, chunk=1), [])
    if beyond and log.head() == head:
        return broken(beyond[0].position, "it is after the end that the log's head names")
    for record in naming:
        if contradiction := _contradiction(log, record):
            at, why = contradiction
            return ChainReport(False, walk.position, walk.hash.hex(), at, why, contradiction=True)
    return ChainReport(True, walk.position, walk.hash.hex(), None, "")


def _contradiction(log: Log, record: LogRecord) -> tuple[int, str] | None:
    """Where and how the log contradicts the head that this event names; None if it does not."""
    event = f"{record.topic} at position {record.position}"
    try:
        named = _named(record.state)
    except msgspec.DecodeError as error:
        return record.position, f"{event} cannot be read: {error}"
    if not 0 <= named.log_position < record.position:
        return record.position, f"{event} names position {named.log_position} as one before it"
    found = log.hash_at(named.log_position)
    if found is None or found.hex() != named.chain_head:
        why = (
            f"{event} names another hash at position {named.log_position}: this event, or one "
            "before it, was changed and the chain recomputed"
        )
        return named.log_position, why
    return None
