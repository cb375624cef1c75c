"""What a certificate needs is gathered from the rows that are compared, as they pass."""

import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from domain.consolidation.events import Retired
from domain.values import Tagged
from infrastructure.hosts.connecting import ReadFrom
from projections.verification.actual.readers.sqlite import SQLiteSnapshotReader
from projections.verification.certificate.evidence import (
    Evidence,
    HostSeen,
    HostTableEvidence,
    QuarantinedRow,
)
from projections.verification.certificate.export import Export
from projections.verification.chunks import CellViolation, ComparedChunk
from projections.verification.differences import Difference, Tally
from projections.verification.errors import HostNotComparable
from projections.verification.expected.from_host import ExpectedHostRows
from projections.verification.expected.rows_from_log import LoggedRows
from projections.verification.expected.schema import TABLES
from projections.verification.expected.violations import FORM
from projections.verification.log_index import LogIndex
from tests.projections.verification.in_memory import HOST, host_of_four, log_of_states

BACKUPS = TABLES["system_backups.BackupLog"]
SOURCE = ReadFrom("sqlite", path="/hosts/product.sqlite3")
OLD_BACKUPS = TABLES["database_management.BackupLog"]
RESTORES = "system_backups.RestoreLog"
EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
LOGGED = "c74f3008fdd2f7c5ae5446ab2e522629f63346f68a4026b4f72b91b393475ff6"
KNOWN_BY = "1a0b87e78cb3a50e7234a22eccd65f55"
DIGEST = "59b3bbb505462cfe1779e0a3e5a9e371b9e6fc0edfcbb3d4d83ab67a58047807"


@pytest.fixture
def host() -> Iterator[SQLiteSnapshotReader]:
    """Two backups, with the bytes of a picture."""
    host = host_of_four(rows=[(7, "daily", b"\x00\xff"), (8, None, None)])
    yield host
    host.close()


@pytest.fixture
def log() -> Iterator[LogIndex]:
    columns = '{"origin": "consolidated", "legacy_id": null, "consolidated_id": 7, "columns":{}}'
    log = log_of_states(("a", "backup.Imported", columns))
    yield log
    log.service.close()


def retired(log: LogIndex) -> None:
    log.retired = cast(Retired, SimpleNamespace())


def host_rows(host: SQLiteSnapshotReader, log: LogIndex) -> ExpectedHostRows:
    return ExpectedHostRows(host, log, into=BACKUPS, of=BACKUPS, zone=None)


def read_all(rows: ExpectedHostRows) -> None:
    for _ in rows.chunks():
        pass


# --- the snapshots ---------------------------------------------------------------------------


def test_before_anything_is_read_it_stands_at_the_beginning_of_the_log():
    proof = Evidence()
    assert (proof.host, proof.export) == (None, None)
    assert (proof.position, proof.chain_head) == (0, bytes(32))
    assert (proof.host_tables, proof.log_digests, proof.withheld) == ({}, {}, [])


def test_it_says_which_host_was_read_and_how_far_the_log_had_come(
    host: SQLiteSnapshotReader, log: LogIndex
):
    proof = Evidence()
    proof.begin(host, log, SOURCE)
    assert proof.host == HostSeen(HOST, KNOWN_BY, 1_000, "sqlite", SOURCE)
    assert (proof.position, proof.chain_head) == (1, b"%032d" % 1)
    assert proof.log_digests == {
        "database_management_backuplog": EMPTY,
        "database_management_restorelog": EMPTY,
        "system_backups_backuplog": LOGGED,
        "system_backups_restorelog": EMPTY,
    }


def test_a_host_without_legacy_tables_is_known_only_after_they_were_retired(
    host: SQLiteSnapshotReader, log: LogIndex
):
    for table in ("database_management_backuplog", "database_management_restorelog"):
        host.connection.execute(f"DROP TABLE {table}")
    proof = Evidence()
    with pytest.raises(HostNotComparable):
        proof.begin(host, log, SOURCE)
    assert proof.host is None
    retired(log)
    proof.begin(host, log, SOURCE)
    assert proof.host == HostSeen(HOST, KNOWN_BY, 1_000, "sqlite", SOURCE)


# --- the rows --------------------------------------------------------------------------------


def test_each_row_of_the_host_is_hashed_as_it_is_read(host: SQLiteSnapshotReader, log: LogIndex):
    proof, own, tally = Evidence(), host_rows(host, log), Tally()
    proof.attend(BACKUPS, [own], tally)
    read_all(own)
    (table,) = proof.host_tables.values()
    assert list(proof.host_tables) == ["system_backups_backuplog"]
    assert table.columns == ["id", "name", "bytes"]
    assert (table.rows, str(table.digest)) == (2, DIGEST)


def test_a_table_without_rows_is_counted_too(log: LogIndex):
    host = host_of_four()
    proof, own = Evidence(), host_rows(host, log)
    proof.attend(BACKUPS, [own], Tally())
    read_all(own)
    table = proof.host_tables["system_backups_backuplog"]
    assert (table.columns, table.rows) == (["id", "name", "bytes"], 0)
    assert str(table.digest) == EMPTY
    host.close()


def test_of_two_parts_the_host_s_table_of_the_same_name_is_meant(
    host: SQLiteSnapshotReader, log: LogIndex
):
    proof, own = Evidence(), host_rows(host, log)
    legacy = ExpectedHostRows(host, log, into=BACKUPS, of=OLD_BACKUPS, zone=None)
    proof.attend(BACKUPS, [own, legacy], Tally())
    assert list(proof.host_tables) == ["system_backups_backuplog"]
    assert (own.seen is None, legacy.seen is None) == (False, True)


def test_what_the_host_need_not_have_any_more_is_not_counted(log: LogIndex):
    proof, tally = Evidence(), Tally()
    proof.attend(OLD_BACKUPS, [LoggedRows(log, into=OLD_BACKUPS, of=OLD_BACKUPS)], tally)
    assert proof.host_tables == {}
    assert tally.seen is not None


@pytest.mark.parametrize(
    "rows",
    [
        [(7, "daily", None), (8,)],
        [(7, "daily"), (8, "weekly")],
        [(7, "daily", None), (8, "weekly", None, "more")],
    ],
)
def test_a_row_of_other_columns_is_never_hashed(
    host: SQLiteSnapshotReader, log: LogIndex, rows: list[tuple[Any, ...]]
):
    proof, own = Evidence(), host_rows(host, log)
    proof.attend(BACKUPS, [own], Tally())
    assert own.seen is not None
    with pytest.raises(ValueError, match=r"shorter|longer"):
        own.seen(rows)
    assert proof.host_tables["system_backups_backuplog"] == HostTableEvidence(
        ["id", "name", "bytes"],
        0,
        proof.host_tables["system_backups_backuplog"].digest,
        ["integer", "text", "blob"],
    )


def test_with_an_export_the_rows_of_both_sides_are_written_down(
    host: SQLiteSnapshotReader, log: LogIndex, tmp_path: Path
):
    path = tmp_path / "rows.ndjson"
    with Export(path) as export:
        proof, own, tally = Evidence(export), host_rows(host, log), Tally()
        proof.attend(BACKUPS, [own], tally)
        read_all(own)
        assert tally.seen is not None
        tally.seen(ComparedChunk([7, 8], [["i1:7", "i1:8"], ["t1:a", "-"]]))
        tally.seen(ComparedChunk([], []))
        export.finish()
    assert [json.loads(line) for line in path.read_text().splitlines()] == [
        {
            "side": "host",
            "table": "system_backups_backuplog",
            "pk": 7,
            "cells": ["i1:7", "t5:daily", "x4:00ff"],
        },
        {"side": "host", "table": "system_backups_backuplog", "pk": 8, "cells": ["i1:8", "-", "-"]},
        {
            "side": "projection",
            "table": "system_backups.BackupLog",
            "pk": 7,
            "cells": ["i1:7", "t1:a"],
        },
        {
            "side": "projection",
            "table": "system_backups.BackupLog",
            "pk": 8,
            "cells": ["i1:8", "-"],
        },
    ]


def test_without_one_the_service_s_rows_are_only_looked_at(
    host: SQLiteSnapshotReader, log: LogIndex
):
    proof, tally = Evidence(), Tally()
    proof.attend(BACKUPS, [host_rows(host, log)], tally)
    assert tally.seen is not None
    tally.seen(ComparedChunk([7], [["i1:7"]]))


# --- what no table can hold ------------------------------------------------------------------


def test_a_quarantined_row_is_kept_with_its_reason():
    proof = Evidence()
    for pk, column, said, shown in [
        (17, "status", "x" * 21, "x" * 21),
        (18, "created_at", Tagged("time", "soon"), "soon"),
        # The reason is that of what was said, not of what is shown of it.
        (19, "name", b"\xff", "ff"),
        (20, "name", None, None),
    ]:
        misfit = CellViolation(0, said, "host")
        proof.differs(Difference(RESTORES, pk, column, shown, None, "quarantined", misfit))
    assert proof.withheld == [
        QuarantinedRow(RESTORES, 17, "status", "21 characters, and the column holds 20", "host"),
        QuarantinedRow(RESTORES, 18, "created_at", f"not a time like {FORM}", "host"),
        QuarantinedRow(RESTORES, 19, "name", "not text", "host"),
        QuarantinedRow(RESTORES, 20, "name", "NULL, and the column is NOT NULL", "host"),
    ]


def test_any_other_difference_is_not():
    proof = Evidence()
    proof.differs(Difference(RESTORES, 17, "status", "a", "b", "projection_wrong"))
    proof.differs(Difference(RESTORES, 17, "", "a", None, "host_changed"))
    assert proof.withheld == []
