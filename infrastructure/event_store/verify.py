"""Checks the hash chain from the first event to the last."""

from collections.abc import Callable
from dataclasses import dataclass

from infrastructure.event_store.chain import GENESIS, header, link
from infrastructure.event_store.log import Log
from infrastructure.event_store.records import LogRecord


@dataclass(frozen=True)
class ChainReport:
    """What was found. `first_bad` is the first position that does not fit; None if all do."""

    ok: bool
    events: int
    head: str
    first_bad: int | None
    problem: str


def _problem(record: LogRecord, position: int, previous: bytes, last_time: int) -> str:
    """What is wrong with the record that should stand at this position; '' if nothing is."""
    if record.position != position:
        return f"position {position} is missing; {record.position} follows"
    if record.recorded_at < last_time:
        return "it was recorded before the one before it"
    head = header(
        record.position,
        record.stream_id.bytes,
        record.stream_version,
        record.topic.encode(),
        record.schema_version,
        record.recorded_at,
    )
    if link(previous, head, record.salt, record.state, record.metadata) != record.hash:
        return "its hash is not that of its content and of the event before it"
    return ""


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
            problem = _problem(record, position + 1, previous, last_time)
            if problem:
                return ChainReport(False, position, previous.hex(), position + 1, problem)
            position, previous, last_time = record.position, record.hash, record.recorded_at
        if progress:
            progress(position, head.position)
    if (position, previous, last_time) != head:
        # The events are whole; what does not fit them is the head.
        problem = f"the log's head says it ends at position {head.position}, with another hash"
        bad = position if position == head.position else min(position, head.position) + 1
        return ChainReport(False, position, previous.hex(), bad, problem)
    beyond = next(log.records(after=head.position, chunk=1), [])
    if beyond and log.head() == head:
        problem = "it stands after the end that the log's head names"
        return ChainReport(False, position, previous.hex(), beyond[0].position, problem)
    return ChainReport(True, position, previous.hex(), None, "")
