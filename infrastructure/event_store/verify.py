"""Checks the hash chain from the first event to the last."""

from collections.abc import Callable
from dataclasses import dataclass

from infrastructure.event_store.chain import Walk
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
    walk = Walk()

    def broken(at: int, why: str) -> ChainReport:
        return ChainReport(False, walk.position, walk.hash.hex(), at, why)

    for records in log.records(upto=max(head.position, 1)):
        wrong = walk.follow_all(records)
        if wrong:
            return broken(walk.position + 1, wrong)
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
    return ChainReport(True, walk.position, walk.hash.hex(), None, "")
