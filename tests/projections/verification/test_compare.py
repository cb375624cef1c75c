"""What a table must hold and what it holds, side by side: rows, counts and digests."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from hashlib import sha256

import pytest

from projections.verification.actual.readers.sqlite import SQLiteSnapshotReader
from projections.verification.actual.rows import FoundRows
from projections.verification.cells import Cells
from projections.verification.chunks import CellViolation, ComparedChunk
from projections.verification.compare import Mismatch, compare, left_over
from projections.verification.differences import Tally
from projections.verification.expected.schema import TABLES

TABLE = TABLES["database_management.BackupLog"]
NAME = 1
HEX = "000000000000000000000000000000"
UUID = "00000000-0000-0000-0000-0000000000"
MISFIT = CellViolation(NAME, "a\0b", "host")

OF_THE_LOG = ("t6:legacy", "i1:1", "t2:{}")
"""Origin, version, and no column that nobody named."""

Row = tuple[int, str]
"""A backup: its id, below 10, and its name of one letter."""


def cells(id_: int, name: str) -> Cells:
    said = "!" if name == "!" else f"t1:{name}"
    return [f"i1:{id_}", said, *"-------", f"u36:{UUID}0{id_}", *OF_THE_LOG]


def chunk(*rows: Row) -> ComparedChunk:
    """Rows as they must be. The name "!" is one that the column cannot hold."""
    ids = [id_ for id_, _ in rows]
    columns = [list(column) for column in zip(*(cells(*row) for row in rows), strict=True)]
    said = [tuple(column) for column in columns]
    said[NAME] = tuple("a\0b" if name == "!" else name for _, name in rows)
    return ComparedChunk(ids, columns, [f"stream {id_}" for id_ in ids], said)


def digest(*rows: str) -> str:
    return sha256(b"".join(sha256(row.encode()).digest() for row in rows)).hexdigest()


LOG = "t6:legacyi1:1t2:{}"
ROW_1 = f"i1:1t1:a-------u36:{UUID}01{LOG}"
ROW_2 = f"i1:2t1:b-------u36:{UUID}02{LOG}"
ROW_3 = f"i1:3t1:c-------u36:{UUID}03{LOG}"
WRONG_2 = f"i1:2t1:x-------u36:{UUID}02{LOG}"


@pytest.fixture
def stored() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(f"CREATE TABLE {TABLE.name} ({', '.join(TABLE.columns)})")
        yield connection


def store(connection: sqlite3.Connection, *rows: Row) -> FoundRows:
    connection.executemany(
        f"INSERT INTO {TABLE.name} (id, name, origin, version, extra, backup_id) "
        "VALUES (?, ?, 'legacy', 1, '{}', ?)",
        [(id_, name, f"{HEX}0{id_}") for id_, name in rows],
    )
    return FoundRows(SQLiteSnapshotReader(connection), TABLE)


def missing(id_: int, name: str) -> Mismatch:
    return Mismatch(id_, f"stream {id_}", cells(id_, name), None)


def unexpected(id_: int, name: str) -> Mismatch:
    return Mismatch(id_, None, None, cells(id_, name))


def test_rows_that_are_as_they_must_be_are_no_mismatch(stored: sqlite3.Connection) -> None:
    found, tally = store(stored, (1, "a"), (2, "b"), (3, "c")), Tally()
    # Each batch is handed out, for whoever shows how far it has come.
    assert list(compare([chunk((1, "a"), (2, "b")), chunk((3, "c"))], found, tally)) == [[], []]
    assert list(left_over(found, tally)) == []
    assert (tally.expected, tally.found) == (3, 3)
    assert str(tally.digest_expected) == digest(ROW_1, ROW_2, ROW_3)
    assert str(tally.digest_found) == digest(ROW_1, ROW_2, ROW_3)


def test_a_row_that_says_something_else_is_a_mismatch(stored: sqlite3.Connection) -> None:
    found, tally = store(stored, (1, "a"), (2, "x"), (3, "c")), Tally()
    (batch,) = compare([chunk((1, "a"), (2, "b"), (3, "c"))], found, tally)
    assert batch == [Mismatch(2, "stream 2", cells(2, "b"), cells(2, "x"))]
    assert (tally.expected, tally.found) == (3, 3)
    assert str(tally.digest_expected) == digest(ROW_1, ROW_2, ROW_3)
    assert str(tally.digest_found) == digest(ROW_1, WRONG_2, ROW_3)


def test_rows_that_are_not_there_are_mismatches(stored: sqlite3.Connection) -> None:
    found, tally = store(stored, (2, "b")), Tally()
    (batch,) = compare([chunk((1, "a"), (2, "b"), (3, "c"))], found, tally)
    assert batch == [missing(1, "a"), missing(3, "c")]
    assert (tally.expected, tally.found) == (3, 1)
    assert str(tally.digest_found) == digest(ROW_2)


def test_rows_that_must_not_be_there_are_mismatches_wherever_they_stand(
    stored: sqlite3.Connection,
) -> None:
    found, tally = store(stored, *((n, "x") for n in (1, 2, 4, 6, 8, 9))), Tally()
    first, second = compare([chunk((3, "c"), (4, "x")), chunk((7, "g"), (8, "x"))], found, tally)
    assert first == [unexpected(1, "x"), unexpected(2, "x"), missing(3, "c")]
    assert second == [unexpected(6, "x"), missing(7, "g")]
    assert (tally.expected, tally.found) == (4, 5)
    assert list(left_over(found, tally)) == [[unexpected(9, "x")]]


def test_rows_behind_the_last_that_must_stand_are_mismatches_too(
    stored: sqlite3.Connection,
) -> None:
    found, tally = store(stored, (1, "a"), (2, "b"), (3, "c")), Tally()
    assert list(compare([chunk((1, "a"))], found, tally)) == [[]]
    assert list(left_over(found, tally)) == [[unexpected(2, "b"), unexpected(3, "c")]]
    assert (tally.expected, tally.found) == (1, 3)
    assert str(tally.digest_expected) == digest(ROW_1)
    assert str(tally.digest_found) == digest(ROW_1, ROW_2, ROW_3)


def test_a_row_whose_id_is_no_whole_number_is_a_mismatch(stored: sqlite3.Connection) -> None:
    stored.execute(
        f"INSERT INTO {TABLE.name} (id, name, origin, version, extra, backup_id) "
        "VALUES (2.5, 'x', 'legacy', 1, '{}', ?)",
        (f"{HEX}09",),
    )
    found, tally = store(stored, (1, "a"), (2, "b"), (3, "c")), Tally()
    first, second = compare([chunk((1, "a"), (2, "b")), chunk((3, "c"))], found, tally)
    there = ["f3:2.5", "t1:x", *"-------", f"u36:{UUID}09", *OF_THE_LOG]
    assert first == [Mismatch(2, None, None, there)]
    assert second == []
    assert (tally.expected, tally.found) == (3, 4)


def test_a_row_that_no_column_can_hold_is_counted_apart(stored: sqlite3.Connection) -> None:
    found, tally = store(stored, (1, "a"), (3, "c")), Tally()
    (batch,) = compare([chunk((1, "a"), (2, "!"), (3, "c"))], found, tally)
    assert batch == [Mismatch(2, "stream 2", cells(2, "!"), None, MISFIT)]
    assert (tally.expected, tally.found, tally.quarantined) == (2, 2, 1)
    assert tally.withheld == {"stream 2"}
    assert str(tally.digest_expected) == digest(ROW_1, ROW_3)
    assert str(tally.digest_found) == digest(ROW_1, ROW_3)


def test_rows_that_no_column_can_hold_are_counted_over_all_batches(
    stored: sqlite3.Connection,
) -> None:
    found, tally = store(stored), Tally()
    list(compare([chunk((1, "!"), (2, "!")), chunk((3, "!"))], found, tally))
    assert (tally.expected, tally.found, tally.quarantined) == (0, 0, 3)
    assert tally.withheld == {"stream 1", "stream 2", "stream 3"}


def test_a_row_that_no_column_can_hold_and_that_stands_is_shown_as_it_stands(
    stored: sqlite3.Connection,
) -> None:
    found, tally = store(stored, (1, "x"), (2, "b")), Tally()
    (batch,) = compare([chunk((1, "!"), (2, "b"))], found, tally)
    assert batch == [Mismatch(1, "stream 1", cells(1, "!"), cells(1, "x"), MISFIT)]
    assert (tally.expected, tally.found, tally.quarantined) == (1, 2, 1)


def test_a_row_that_stands_with_the_very_value_that_no_column_can_hold_is_found(
    stored: sqlite3.Connection,
) -> None:
    found, tally = store(stored, (1, "a\0b")), Tally()
    (batch,) = compare([chunk((1, "!"))], found, tally)
    there = ["i1:1", "t3:a\0b", *"-------", f"u36:{UUID}01", *OF_THE_LOG]
    assert batch == [Mismatch(1, "stream 1", cells(1, "!"), there, MISFIT)]
    assert (tally.expected, tally.found, tally.quarantined) == (0, 1, 1)


def test_what_somebody_here_said_that_no_column_can_hold_is_what_was_said_here(
    stored: sqlite3.Connection,
) -> None:
    found, tally = store(stored), Tally()
    must = chunk((1, "!"), (2, "!"))
    must.misfits = {(1, NAME): CellViolation(NAME, "b\0", "here")}
    (batch,) = compare([must], found, tally)
    assert [mismatch.misfit for mismatch in batch] == [MISFIT, CellViolation(NAME, "b\0", "here")]


def test_every_row_that_was_found_is_told_of_once(stored: sqlite3.Connection) -> None:
    seen: list[str] = []
    tally = Tally(seen=lambda rows: seen.extend(rows.rows))
    found = store(stored, (1, "a"), (2, "x"), (3, "c"))
    list(compare([chunk((1, "a")), chunk((2, "b"))], found, tally))
    list(left_over(found, tally))
    assert seen == [ROW_1, WRONG_2, ROW_3]
