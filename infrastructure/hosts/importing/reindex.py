"""The rebuild of the index of imported rows from the log, and whether one is needed."""

from collections.abc import Iterable

import msgspec
from django.db import connections, transaction

from domain.restores.values import Origin
from domain.values import Columns, Sources
from infrastructure.event_store.errors import BrokenChain
from infrastructure.event_store.log import Log
from infrastructure.event_store.records import LogRecord
from infrastructure.hosts.errors import IndexOutOfStep
from infrastructure.hosts.importing.row_digests import (
    MODULUS,
    NewRow,
    checksum_part,
    host_part,
    reading_part,
)
from infrastructure.hosts.importing.row_index import Checkpoint, Index
from infrastructure.hosts.importing.topics import ALL, BACKUPS, ROWS, VANISHED
from infrastructure.hosts.tables import HOST_TABLES


class _Place(msgspec.Struct):
    """The part of an imported row's state that the index needs. `columns` stays encoded."""

    origin: Origin
    legacy_id: int | None
    consolidated_id: int
    columns: msgspec.Raw
    derived: Columns
    assumed: Columns
    sources: Sources = {}
    username: str | None = None


_decode = msgspec.json.Decoder(_Place).decode
_TABLES = {(table.holds_backups, table.origin): table.name for table in HOST_TABLES}


def speaks_for_the_log(index: Index, checkpoint: Checkpoint) -> bool:
    """Whether the checkpoint fits the log: its hash is in the chain, with no imported row after it.

    Whether the index's rows match its count and checksum is checked when they are read.
    """
    if index.log.hash_at(checkpoint.position) != checkpoint.hash:
        return False
    marks = ", ".join(["%s"] * len(ALL))
    statement = (
        f"SELECT 1 FROM event_store_event WHERE position > %s AND topic IN ({marks}) LIMIT 1"
    )
    with connections[index.using].cursor() as cursor:
        cursor.execute(statement, [checkpoint.position, *ALL])
        return cursor.fetchone() is None


def reindex(index: Index) -> Checkpoint:
    """Rebuild the index in one transaction, and return its checkpoint."""
    with transaction.atomic(using=index.using):
        index.lock()
        index.clear()
        position = 0
        for records in index.log.records():
            rows = {row[:2]: row for row in _rows(index.log, records)}
            index.upsert(rows.values())
            position = max(
                (record.position for record in records if record.topic in ALL),
                default=position,
            )
        hash_ = index.log.hash_at(position)
        if hash_ is None:
            raise BrokenChain(position)
        checkpoint = recount(index, Checkpoint(position, hash_))
        index.move(checkpoint)
    return checkpoint


def recount(index: Index, checkpoint: Checkpoint) -> Checkpoint:
    """The checkpoint with the number and checksum of the rows that are in the index now."""
    rows = checksum = 0
    for table in HOST_TABLES:
        for _, digest in index.known(table.name):
            rows += 1
            checksum += checksum_part(digest)
    return checkpoint._replace(rows=rows, checksum=checksum % MODULUS)


def _rows(log: Log, records: Iterable[LogRecord]) -> Iterable[NewRow]:
    for record in records:
        if record.topic in VANISHED:
            table, key, _, stream = _place(_imported(log, record))
            yield table, key, None, stream
        elif record.topic in ALL:
            yield _place(record)


def _place(record: LogRecord) -> NewRow:
    state = _decode(record.state)
    key = state.consolidated_id if state.legacy_id is None else state.legacy_id
    table = _TABLES[record.topic in BACKUPS.rows, state.origin]
    digest = host_part(bytes(state.columns), state.username)
    digest += reading_part(state.sources, state.derived, state.assumed)
    return table, key, digest, record.stream_id.bytes


def _imported(log: Log, vanished: LogRecord) -> LogRecord:
    """The first event of a row, since the event of a vanished row has no state."""
    for record in log.dialect.read_stream(log.connection, vanished.stream_id):
        if record.topic in ROWS:
            return record
    raise IndexOutOfStep(f"stream {vanished.stream_id} vanished before it was imported")
