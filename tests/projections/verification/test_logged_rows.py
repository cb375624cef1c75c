"""A host's table by the log alone, when the host need not have it any more."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

import pytest

from domain.backups.events import BackupImported
from domain.events import Event
from domain.restores.events import RestoreAmended, RestoreVanishedFromHost
from projections.verification.chunks import ComparedChunk
from projections.verification.expected import rows_from_log
from projections.verification.expected.rows_from_log import LoggedRows
from projections.verification.expected.schema import TABLES
from tests.builders import NOON, OFFSET, imported, legacy_columns
from tests.projections.verification.in_memory import log_in_memory, row_stream

LEGACY = TABLES["database_management.BackupLog"]
CONSOLIDATED = TABLES["system_backups.BackupLog"]


def backup(key: int, name: str) -> Event:
    return BackupImported(
        originator_id=row_stream(LEGACY.name, key),
        originator_version=1,
        origin="legacy",
        legacy_id=key,
        consolidated_id=OFFSET + key,
        columns={"id": key, "name": name},
        derived={},
        assumed={},
        sources={},
    )


def restore(key: int, message: str) -> Event:
    return imported(
        originator_id=row_stream("database_management_restorelog", key),
        key=key,
        columns={"id": key, "message": message},
    )


def digest(*rows: bytes) -> str:
    return sha256(b"".join(sha256(row).digest() for row in rows)).hexdigest()


def read(rows: LoggedRows) -> list[tuple[int, str, list[str]]]:
    """Every row: its id, its stream and its cells."""
    return [row for chunk in rows.chunks() for row in _rows(chunk)]


def _rows(chunk: ComparedChunk) -> Sequence[Any]:
    return [(id_, chunk.streams[n], chunk.cells(n)) for n, id_ in enumerate(chunk.ids)]


def test_all_rows_come_in_order_of_their_keys_as_the_log_heard_of_them_last() -> None:
    with log_in_memory(backup(9, "b"), backup(0, "a")) as log:
        rows = LoggedRows(log, into=LEGACY, of=LEGACY)
        first, second = (row_stream(LEGACY.name, key) for key in (0, 9))
        assert read(rows) == [
            (
                0,
                first.hex,
                ["i1:0", "t1:a", *"-------", f"u36:{first}", "t6:legacy", "i1:1", "t2:{}"],
            ),
            (
                9,
                second.hex,
                ["i1:9", "t1:b", *"-------", f"u36:{second}", "t6:legacy", "i1:1", "t2:{}"],
            ),
        ]
        assert rows.rows == 2
        assert rows.digest == digest(b'{"id":0,"name":"a"}', b'{"id":9,"name":"b"}')


def test_legacy_rows_stand_in_the_consolidated_table_with_shifted_ids() -> None:
    with log_in_memory(backup(3, "a")) as log:
        rows = LoggedRows(log, into=CONSOLIDATED, of=LEGACY)
        ((id_, named, cells),) = read(rows)
        assert (id_, cells[0]) == (1_000_000_000_003, "i13:1000000000003")
        assert cells[-3:] == ["t6:legacy", "i1:1", "t2:{}"]
        assert named == row_stream(LEGACY.name, 3).hex
        assert rows.digest == digest(b'{"id":3,"name":"a"}')


def test_rows_that_have_vanished_from_the_host_are_left_out() -> None:
    with log_in_memory(
        restore(1, "a"),
        restore(2, "b"),
        RestoreVanishedFromHost(
            originator_id=row_stream("database_management_restorelog", 1), originator_version=2
        ),
    ) as log:
        table = TABLES["database_management.RestoreLog"]
        rows = LoggedRows(log, into=table, of=table)
        assert [id_ for id_, _, _ in read(rows)] == [2]
        assert rows.rows == 1
        assert rows.digest == digest(b'{"id":2,"message":"b"}')


def test_an_amendment_stands_in_the_table_and_leaves_the_host_s_digest_as_it_was() -> None:
    amended = RestoreAmended(
        originator_id=row_stream("database_management_restorelog", 1),
        originator_version=2,
        amended_at=NOON,
        changes={"message": "amended"},
        backup=None,
    )
    with log_in_memory(restore(1, "a"), amended) as log:
        table = TABLES["database_management.RestoreLog"]
        rows = LoggedRows(log, into=table, of=table)
        ((_, _, cells),) = read(rows)
        row = dict(zip(table.columns, cells, strict=True))
        assert row["message"] == "t7:amended"
        assert (row["version"], row["amended"]) == ("i1:2", 't11:["message"]')
        assert rows.digest == digest(b'{"id":1,"message":"a"}')


def test_rows_that_the_table_cannot_hold_say_what_the_host_said_or_what_was_amended() -> None:
    table = TABLES["database_management.RestoreLog"]
    into = TABLES["system_backups.RestoreLog"]
    read = [
        imported(
            originator_id=row_stream(table.name, key),
            key=key,
            columns=legacy_columns(key, message="read\0"),
        )
        for key in (1, 2, 3)
    ]
    vanished = RestoreVanishedFromHost(
        originator_id=row_stream(table.name, 1), originator_version=2
    )
    amended = RestoreAmended(
        originator_id=row_stream(table.name, 3),
        originator_version=2,
        amended_at=NOON,
        changes={"message": "amended\0"},
        backup=None,
    )
    with log_in_memory(*read, vanished, amended) as log:
        (chunk,) = LoggedRows(log, into=into, of=table).chunks()
        message = into.columns.index("message")
        assert chunk.ids == [1_000_000_000_002, 1_000_000_000_003]
        assert chunk.misfit(0) == (message, "read\0", "retired")
        assert chunk.misfit(1) == (message, "amended\0", "here")


def test_a_key_that_the_table_cannot_hold_is_said_as_it_would_stand_there() -> None:
    table = TABLES["database_management.RestoreLog"]
    into = TABLES["system_backups.RestoreLog"]
    row = imported(
        originator_id=row_stream(table.name, 1),
        key=1,
        columns=legacy_columns(1, source_backup_id=2**63 - 1),
    )
    with log_in_memory(row) as log:
        (chunk,) = LoggedRows(log, into=into, of=table).chunks()
        assert chunk.misfit(0) == (2, 9_223_373_036_854_775_807, "retired")


@pytest.mark.parametrize(
    ("gone", "parts"),
    [
        ((), [[1, 2], [3, 4], [5]]),
        ((2,), [[1], [3, 4], [5]]),
        ((1, 2), [[3, 4], [5]]),
        ((3, 4), [[1, 2], [5]]),
        ((1, 2, 3, 4, 5), []),
    ],
)
def test_a_table_of_many_rows_comes_in_parts_none_of_them_empty(
    gone: tuple[int, ...], parts: list[list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows_from_log, "STREAMS", 2)
    vanished = [
        RestoreVanishedFromHost(
            originator_id=row_stream("database_management_restorelog", key), originator_version=2
        )
        for key in gone
    ]
    with log_in_memory(*(restore(key, "a") for key in (1, 2, 3, 4, 5)), *vanished) as log:
        table = TABLES["database_management.RestoreLog"]
        rows = LoggedRows(log, into=table, of=table)
        assert [chunk.ids for chunk in rows.chunks()] == parts
        assert rows.rows == 5 - len(gone)


def test_a_table_that_never_had_a_row_is_empty() -> None:
    with log_in_memory() as log:
        rows = LoggedRows(log, into=LEGACY, of=LEGACY)
        assert read(rows) == []
        assert rows.rows == 0
        assert rows.digest == sha256().hexdigest()


def test_what_a_legacy_row_s_target_is_called_is_not_worked_out_again() -> None:
    with log_in_memory() as log:
        assert LoggedRows(log, into=LEGACY, of=LEGACY).derives_target is False


def test_what_was_assumed_is_counted_in_the_row_s_own_table_only() -> None:
    restores = [TABLES[f"{app}.RestoreLog"] for app in ("database_management", "system_backups")]
    with log_in_memory(restore(1, "a"), restore(2, "b")) as log:
        for into, rows in zip(restores, ([2, 2], []), strict=True):
            logged = LoggedRows(log, into=into, of=restores[0])
            assert len(read(logged)) == 2
            assert [one.rows for one in logged.suppositions.assumptions()] == rows
