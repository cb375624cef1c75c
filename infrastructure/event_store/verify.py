"""Checks the hash chain from the first event to the last."""

from collections.abc import Callable
from dataclasses import dataclass

from infrastructure.event_store.chain import GENESIS, problem
from infrastructure.event_store.log import Log


@dataclass(frozen=True)
class ChainReport:
    """What was found. `first_bad` is the first position that does not fit; None if all do."""

    ok: bool
    events: int
    head: str
    first_bad: int | None
    problem: str


def verify_chain(
    log: Log | None = None, progress: Callable[[int, int], None] | None = None
) -> ChainReport:
    """Recompute every hash and compare it with the stored one, and the last with the head.

    Reads what was the log when it began: later appends are left for the next time. Memory is
    bounded by one chunk.
    """
    log = log or Log()
    head = log.head()
    position, previous, last_time = 0, GENESIS, 0
    for records in log.records(upto=max(head.position, 1)):
        for record in records:
            wrong = problem(record, position + 1, previous, last_time)
            if wrong:
                return ChainReport(False, position, previous.hex(), position + 1, wrong)
            position, previous, last_time = record.position, record.hash, record.recorded_at
        if progress:
            progress(position, head.position)
    if (position, previous, last_time) != head:
        # The events are whole; what does not fit them is the head.
        wrong = f"the log's head says it ends at position {head.position}, with another hash"
        bad = position if position == head.position else min(position, head.position) + 1
        return ChainReport(False, position, previous.hex(), bad, wrong)
    beyond = next(log.records(after=head.position, chunk=1), [])
    if beyond and log.head() == head:
        wrong = "it stands after the end that the log's head names"
        return ChainReport(False, position, previous.hex(), beyond[0].position, wrong)
    return ChainReport(True, position, previous.hex(), None, "")
