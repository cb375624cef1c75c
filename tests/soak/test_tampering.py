"""Every byte of every stored event, changed one at a time, is noticed at its position."""

import sqlite3
import uuid
from contextlib import closing

import psycopg
import pytest

from infrastructure.event_store.codec import new_event
from infrastructure.event_store.log import Log
from infrastructure.event_store.verify_log import verify_chain
from tests.builders import completed, imported, requested, started
from tests.support import forging, raw

pytestmark = pytest.mark.soak

BYTES = ("state", "metadata", "salt", "hash")
NUMBERS = ("stream_version", "schema_version", "recorded_at")


def test_no_changed_byte_goes_unnoticed(database, vendor, found):
    log = Log()
    log.append([new_event(e) for e in (requested(1), started(1), completed(1))])
    log.append([new_event(e) for e in (imported(2, key=5), imported(3, key=6))])
    log.append([new_event(e) for e in (requested(4), started(4), completed(4))])
    mark = "?" if vendor == "sqlite" else "%s"
    forging.unlock(database)
    tried = refused = 0
    with closing(raw._open(database)) as connection:
        for record in next(log.records()):
            for column, value in _forgeries(record, vendor):
                before = _stored(getattr(record, column), vendor)
                try:
                    _set(connection, mark, column, value, record.position)
                except (sqlite3.IntegrityError, psycopg.IntegrityError):
                    # Another event's stream and version: the database itself refuses that.
                    connection.rollback()
                    refused += 1
                    continue
                report = verify_chain()
                assert (report.ok, report.first_bad) == (False, record.position), (column, value)
                _set(connection, mark, column, before, record.position)
                tried += 1
    assert verify_chain().ok
    found(
        "changed bytes of the log",
        vendor,
        f"{tried:,} forgeries of 8 events, each noticed at its position; "
        f"{refused} more that the database itself refused",
    )


def _forgeries(record, vendor: str):
    """Each byte of each column, one bit of it turned over; of numbers, each bit."""
    for column in BYTES:
        value = getattr(record, column)
        for place in range(len(value)):
            forged = bytearray(value)
            forged[place] ^= 1 << (place % 8)
            yield column, bytes(forged)
    for place in range(len(record.topic)):
        letter = chr(ord(record.topic[place]) ^ 1)
        yield "topic", record.topic[:place] + letter + record.topic[place + 1 :]
    for column, bits in zip(NUMBERS, (30, 30, 62), strict=True):
        for bit in range(bits):
            yield column, getattr(record, column) ^ (1 << bit)
    for bit in range(128):
        yield "stream_id", _stored(uuid.UUID(int=record.stream_id.int ^ (1 << bit)), vendor)


def _stored(value, vendor: str):
    return value.hex if vendor == "sqlite" and isinstance(value, uuid.UUID) else value


def _set(connection, mark: str, column: str, value, position: int) -> None:
    with closing(connection.cursor()) as cursor:
        cursor.execute(
            f"UPDATE event_store_event SET {column} = {mark} WHERE position = {mark}",
            [value, position],
        )
    connection.commit()
