"""Checks the hash chain from the first event to the last, and what events say of the log."""

from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from domain.administration.events import ClockJumpAccepted, LogAccepted
from domain.consolidation.events import Verified
from infrastructure.event_store.chain import ChainVerifier
from infrastructure.event_store.log import Log
from infrastructure.event_store.records import LogRecord

NAME_A_HEAD = frozenset(event.TOPIC for event in (Verified, ClockJumpAccepted, LogAccepted))
"""The events that say where the log stood before them."""


class _Named(msgspec.Struct):
    """What such an event says; the rest of its state is passed over."""

    log_position: int
    chain_head: str


_named = msgspec.json.Decoder(_Named).decode


@dataclass(frozen=True)
class ChainReport:
    """What was found. `first_bad` is the first position that does not fit; None if all do.

    `contradiction` says that every event fits the chain, and that the log is nevertheless another
    than one of its own events says.
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

    Events that name a head of the log, such as `consolidation.Verified`, have to name this log's.

    Reads what was the log when it began: later appends are left for the next time. Memory is
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
        # The events are whole; what does not fit them is the head.
        at_the_end = walk.position == head.position
        bad = walk.position if at_the_end else min(walk.position, head.position) + 1
        says = f"the log's head says it ends at position {head.position}, with another hash"
        return broken(bad, says)
    beyond = next(log.records(after=head.position, chunk=1), [])
    if beyond and log.head() == head:
        return broken(beyond[0].position, "it stands after the end that the log's head names")
    for record in naming:
        if contradiction := _contradiction(log, record):
            at, why = contradiction
            return ChainReport(False, walk.position, walk.hash.hex(), at, why, contradiction=True)
    return ChainReport(True, walk.position, walk.hash.hex(), None, "")


def _contradiction(log: Log, record: LogRecord) -> tuple[int, str] | None:
    """Where and how the log is another than this event says; None if it is the same."""
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
