"""Reading ahead: another process reads and encodes the rows while this one appends them.

Worth it for a first import of many rows, where every row is new and nothing is compared. The
other process opens the host itself, so all of what it reads is one moment of the host.
"""

import queue
import threading
from collections.abc import Iterator, Sequence
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import NamedTuple
from uuid import UUID

from infrastructure.hosts import guards
from infrastructure.hosts.clock import zone_called
from infrastructure.hosts.errors import HostError
from infrastructure.hosts.readers import driver_errors, open_host
from infrastructure.hosts.rows import HostRows
from infrastructure.hosts.tables import HostTable

WORTH_IT = 50_000
"""Rows in all from which a second process makes up for its start."""

BATCH_ROWS, BATCH_BYTES = 1_000, 2**20
BATCHES = 8
"""Read ahead at most, so that memory stays bounded."""

EncodedRow = tuple[int, bytes, bytes, bytes]
"""Key, digest, stream id, state."""


class Task(NamedTuple):
    """What the other process needs to know."""

    source_url: str
    where: str
    tables: Sequence[HostTable]
    host_id: UUID
    offset: int
    zone: str


class Batch(NamedTuple):
    """Rows of one table, in key order; the one without rows ends the table."""

    table: str
    rows: list[EncodedRow]


class Refusal(NamedTuple):
    """What the other process raised."""

    code: str
    message: str


class ReadingEnded(HostError):
    code = "reading_ended"

    def __init__(self, where: str) -> None:
        super().__init__(
            f"The process that read the host at {where} ended before its work was done. "
            "What was committed stands. Run it again."
        )


def read_ahead(task: Task) -> Iterator[Batch]:
    """The rows of all tables in batches. Ends the other process however this one stops."""
    context = get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_read, args=(task, sender), daemon=True)
    process.start()
    sender.close()
    try:
        while True:
            try:
                said = receiver.recv()
            except EOFError:
                raise ReadingEnded(task.where) from None
            if said is None:
                return
            if isinstance(said, Refusal):
                raise _again(said)
            yield said
    finally:
        receiver.close()
        process.terminate()
        process.join()


def _again(refusal: Refusal) -> HostError:
    """The error as the other process raised it; its arguments are in its message by now."""
    kinds = {kind.code: kind for kind in HostError.__subclasses__()}
    kind = kinds.get(refusal.code, HostError)
    return kind.__new__(kind, refusal.message)


def _read(task: Task, sender: Connection) -> None:
    """The other process. A thread sends, so that reading goes on while the pipe is full."""
    outbox: queue.Queue[Batch | Refusal | None] = queue.Queue(BATCHES)
    sending = threading.Thread(target=_send, args=(outbox, sender), daemon=True)
    sending.start()
    try:
        with driver_errors(task.where):
            for batch in _batches(task):
                outbox.put(batch)
        outbox.put(None)
    except HostError as error:
        outbox.put(Refusal(error.code, str(error)))
    sending.join()


def _send(outbox: "queue.Queue[Batch | Refusal | None]", sender: Connection) -> None:
    try:
        while isinstance(message := outbox.get(), Batch):
            sender.send(message)
        sender.send(message)
    except BrokenPipeError:
        # Nobody listens any more: take what comes, so that the reader is not left waiting.
        while isinstance(outbox.get(), Batch):
            pass


def _batches(task: Task) -> Iterator[Batch]:
    with open_host(task.source_url) as reader:
        found = guards.required_tables(reader, task.tables, task.where)
        extents = {name: reader.extent(name) for name in found}
        guards.refuse_strange_keys(extents, task.offset)
        host = HostRows(
            reader,
            found,
            host_id=task.host_id,
            offset=task.offset,
            zone=zone_called(task.zone),
        )
        for table in task.tables:
            states = host.states(table)
            rows: list[EncodedRow] = []
            size = 0
            for row in host.read(table, states):
                state = states.state(row)
                rows.append((row.key, row.digest, states.stream(row).bytes, state))
                size += len(state)
                if len(rows) >= BATCH_ROWS or size >= BATCH_BYTES:
                    yield Batch(table.name, rows)
                    rows, size = [], 0
            yield Batch(table.name, rows)
            if rows:
                yield Batch(table.name, [])
