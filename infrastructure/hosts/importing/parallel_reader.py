"""The parallel reader: another process reads, encodes and seals rows while this one appends them.

It is used for a first import of many rows, where every row is new and not compared. The other
process opens the host itself, so all that it reads is one snapshot of the host.
"""

import fcntl
import gc
import queue
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import repeat
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import NamedTuple
from uuid import UUID

from domain.consolidation.values import ColumnChoices
from domain.errors import RestoreLogError
from infrastructure.event_store.chain import SALT_BYTES, SEAL_BYTES, salts, seal
from infrastructure.event_store.records import SealedEvent
from infrastructure.hosts.errors import HostError
from infrastructure.hosts.importing import guards
from infrastructure.hosts.importing.row_digests import DIGEST, NewRow
from infrastructure.hosts.importing.row_encoder import ReadRow, RowEncoder
from infrastructure.hosts.importing.rows import HostRows
from infrastructure.hosts.importing.topics import SCHEMA_VERSIONS
from infrastructure.hosts.local_times import zone_called
from infrastructure.hosts.readers import open_host
from infrastructure.hosts.tables import HostTable

WORTH_IT = 10_000
"""The total number of rows from which a second process saves more time than its start costs."""

BATCH_ROWS, BATCH_BYTES = 1_000, 2**20
BATCHES = 8
"""The maximum of batches read ahead, so that memory stays bounded."""

STREAM = 16
"""Bytes of a stream's id."""


class Task(NamedTuple):
    """The parameters of the other process."""

    source_url: str
    where: str
    tables: Sequence[HostTable]
    host_id: UUID
    offset: int
    zone: str
    choices: ColumnChoices
    metadata: bytes


class Batch(NamedTuple):
    """Rows of one table, in key order, column by column; the one without rows ends the table.

    Columns whose values all have the same length are joined, which makes sending them fast.
    """

    table: str
    keys: list[int]
    digests: bytes
    streams: bytes
    states: list[bytes]
    salts: bytes
    seals: bytes
    size: int
    """Of the states, in bytes."""

    def events(self, topic: str, metadata: bytes) -> Iterator[SealedEvent]:
        """The first events of the rows' streams."""
        return zip(
            _cut(self.streams, STREAM),
            repeat(1),
            repeat(topic),
            repeat(SCHEMA_VERSIONS[topic]),
            self.states,
            repeat(metadata),
            _cut(self.salts, SALT_BYTES),
            _cut(self.seals, SEAL_BYTES),
            strict=False,
        )

    def rows(self) -> Iterator[NewRow]:
        """Their entries for the index."""
        digests, streams = _cut(self.digests, DIGEST), _cut(self.streams, STREAM)
        return zip(repeat(self.table), self.keys, digests, streams, strict=False)


class ReadingEnded(HostError):
    code = "reading_ended"

    def __init__(self, where: str, why: str = "") -> None:
        super().__init__(
            f"The process that read the host at {where} ended before its work was done"
            f"{f' ({why})' if why else ''}. Committed rows are kept. Run it again."
        )


def read_ahead(task: Task) -> Iterator[Batch]:
    """The rows of all tables in batches. Ends the other process, however iteration stops."""
    context = get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    _widen(receiver)
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
            if isinstance(said, RestoreLogError):
                raise said
            yield said
    finally:
        receiver.close()
        process.terminate()
        process.join()


def _widen(pipe: Connection) -> None:
    """Make the pipe large enough for a whole batch, where the system allows it."""
    with suppress(OSError, AttributeError):
        fcntl.fcntl(pipe.fileno(), fcntl.F_SETPIPE_SZ, BATCH_BYTES)


def _read(task: Task, sender: Connection) -> None:
    """The other process. A thread sends, so that reading continues while the pipe is full."""
    gc.disable()
    outbox: queue.Queue[Batch | RestoreLogError | None] = queue.Queue(BATCHES)
    sending = threading.Thread(target=_send, args=(outbox, sender), daemon=True)
    sending.start()
    try:
        _read_into(outbox, task)
        outbox.put(None)
    except RestoreLogError as error:
        outbox.put(error)
    sending.join()


def _read_into(outbox: "queue.Queue[Batch | RestoreLogError | None]", task: Task) -> None:
    """Read everything; any other exception becomes one error without a traceback."""
    try:
        for batch in _batches(task):
            outbox.put(batch)
    except RestoreLogError:
        raise
    except Exception as error:
        raise ReadingEnded(task.where, type(error).__name__) from error


def _send(outbox: "queue.Queue[Batch | RestoreLogError | None]", sender: Connection) -> None:
    try:
        while isinstance(message := outbox.get(), Batch):
            sender.send(message)
        sender.send(message)
    except BrokenPipeError:
        # The receiver is gone: empty the queue, so that the reader does not wait forever.
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
            counts={name: extent.rows for name, extent in extents.items()},
            choices=task.choices,
        )
        for table in task.tables:
            states = host.states(table)
            encoded = ((row, states.state(row)) for row in host.read(table, states))
            while rows := _some(encoded):
                yield _batch(table.name, states, rows, task.metadata)
            yield Batch(table.name, [], b"", b"", [], b"", b"", 0)


def _some(encoded: Iterator[tuple[ReadRow, bytes]]) -> list[tuple[ReadRow, bytes]]:
    """As many rows as fit into a batch."""
    rows: list[tuple[ReadRow, bytes]] = []
    size = 0
    for row in encoded:
        rows.append(row)
        size += len(row[1])
        if len(rows) >= BATCH_ROWS or size >= BATCH_BYTES:
            break
    return rows


def _batch(
    table: str, states: RowEncoder, rows: list[tuple[ReadRow, bytes]], metadata: bytes
) -> Batch:
    salted = salts(len(rows))
    return Batch(
        table,
        [row.key for row, _ in rows],
        b"".join([row.digest for row, _ in rows]),
        b"".join([states.stream_bytes(row) for row, _ in rows]),
        [state for _, state in rows],
        b"".join(salted),
        b"".join(
            [seal(salt, state, metadata) for salt, (_, state) in zip(salted, rows, strict=True)]
        ),
        sum(len(state) for _, state in rows),
    )


def _cut(joined: bytes, length: int) -> Iterator[bytes]:
    return (joined[start : start + length] for start in range(0, len(joined), length))
