"""A row's stream id, and how a host is known again."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from hashlib import sha256
from uuid import UUID, uuid5

import pytest

from projections.verification.actual.readers.sqlite import SQLiteSnapshotReader
from projections.verification.errors import HostNotComparable, NotTheImportedHost
from projections.verification.identity import computed_fingerprint, refuse_another_host, stream_ids

HOST = UUID("5f0c2a53-8d1e-4a8e-9a55-0d6f7c1e2b90")
LEGACY = ("database_management_restorelog", "database_management_backuplog")
CONSOLIDATED = ("system_backups_restorelog", "system_backups_backuplog")


def known_by(text: str) -> str:
    """128 bits of the hash of what a host is known by."""
    return sha256(text.encode()).hexdigest()[:32]


@pytest.fixture
def host() -> Iterator[SQLiteSnapshotReader]:
    """A host with all its tables, all empty, and no record of migrations."""
    with closing(sqlite3.connect(":memory:")) as connection:
        for table in (*LEGACY, *CONSOLIDATED):
            connection.execute(f"CREATE TABLE {table} (id INTEGER, created_at TEXT)")
        yield SQLiteSnapshotReader(connection)


def change(host: SQLiteSnapshotReader, *statements: str) -> None:
    for statement in statements:
        host.connection.execute(statement)


MIGRATIONS = "CREATE TABLE django_migrations (id INTEGER, app TEXT, name TEXT, applied TEXT)"
FIRST_MIGRATION = (
    "INSERT INTO django_migrations VALUES "
    "(2, 'auth', '0001_initial', '2024-03-01 12:00:01'), "
    "(1, 'contenttypes', '0001_initial', '2024-03-01 12:00:00.000005')"
)
BY_MIGRATION = known_by("migration\ncontenttypes\n0001_initial\n20240301120000000005")
ROW = "INSERT INTO system_backups_restorelog VALUES (9, NULL), (7, '2024-03-01 12:00:00')"
BY_ROW = known_by("row\nsystem_backups_restorelog\n7\n20240301120000000000")


# --- streams -------------------------------------------------------------------------------


def test_a_stream_is_the_uuid_of_its_table_and_key_in_the_host_s_namespace() -> None:
    assert stream_ids(HOST, "system_backups_restorelog", [1, -1, 2**62]) == (
        "91e061735c0b5ecab733e921baffd3ae",
        "b7063d049ed3533c87448a63abb890c0",
        "44e1b9ebeb995791b389b51fb0c59019",
    )


def test_whatever_the_hash_the_stream_is_a_uuid_of_version_5() -> None:
    keys = range(500)
    by_hand = tuple(uuid5(HOST, f"system_backups_backuplog:{key}").hex for key in keys)
    assert stream_ids(HOST, "system_backups_backuplog", keys) == by_hand


# --- fingerprints --------------------------------------------------------------------------


def test_a_host_is_known_by_its_first_migration(host: SQLiteSnapshotReader) -> None:
    change(host, MIGRATIONS, FIRST_MIGRATION, ROW)
    assert computed_fingerprint(host) == BY_MIGRATION


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM django_migrations",
        "DROP TABLE django_migrations",
        *(f"ALTER TABLE django_migrations DROP {c}" for c in ("id", "app", "name", "applied")),
    ],
)
def test_a_host_without_a_record_of_migrations_is_known_by_its_lowest_row(
    host: SQLiteSnapshotReader, statement: str
) -> None:
    change(host, MIGRATIONS, FIRST_MIGRATION, ROW, statement)
    assert computed_fingerprint(host) == BY_ROW


def test_a_row_is_looked_for_in_the_consolidated_tables_first_and_in_restores_before_backups(
    host: SQLiteSnapshotReader,
) -> None:
    for table in (
        "database_management_backuplog",
        "system_backups_backuplog",
        "database_management_restorelog",
        "system_backups_restorelog",
    ):
        change(host, f"INSERT INTO {table} VALUES (3, '2024-03-01')")
        assert computed_fingerprint(host) == known_by(f"row\n{table}\n3\n20240301000000000000")


def test_a_row_without_a_time_is_known_by_its_key(host: SQLiteSnapshotReader) -> None:
    change(host, ROW, "ALTER TABLE system_backups_restorelog DROP created_at")
    assert computed_fingerprint(host) == known_by("row\nsystem_backups_restorelog\n7\n" + 20 * "0")


@pytest.mark.parametrize(
    ("said", "digits"),
    [
        ("2024-03-01 12:00:00", "20240301120000000000"),
        ("2024-03-01T12:00:00", "20240301120000000000"),
        ("2024-03-01 12:00:00+00", "20240301120000000000"),
        ("2024-03-01T12:00:00.5Z", "20240301120000500000"),
        ("2024-03-01 12:00:00.123456-05:30", "20240301120000123456"),
        ("12024-03-01 12:00:00.123456", "120240301120000123456"),
    ],
)
def test_a_time_is_the_same_however_a_database_writes_it(
    host: SQLiteSnapshotReader, said: str, digits: str
) -> None:
    change(host, f"INSERT INTO system_backups_restorelog VALUES (7, '{said}')")
    assert computed_fingerprint(host) == known_by(f"row\nsystem_backups_restorelog\n7\n{digits}")


def test_a_host_with_nothing_in_it_cannot_be_known(host: SQLiteSnapshotReader) -> None:
    with pytest.raises(HostNotComparable, match="any migration or row"):
        computed_fingerprint(host)


@pytest.mark.parametrize("table", [*LEGACY, *CONSOLIDATED])
def test_a_database_that_lacks_a_table_is_no_host(host: SQLiteSnapshotReader, table: str) -> None:
    change(host, MIGRATIONS, FIRST_MIGRATION, f"DROP TABLE {table}")
    with pytest.raises(HostNotComparable, match=table):
        computed_fingerprint(host)
    with pytest.raises(HostNotComparable, match=table):
        refuse_another_host([BY_MIGRATION], host)


def test_a_host_may_drop_its_legacy_tables_when_the_migration_is_retired(
    host: SQLiteSnapshotReader,
) -> None:
    change(host, ROW, *(f"DROP TABLE {table}" for table in LEGACY))
    assert computed_fingerprint(host, retired=True) == BY_ROW
    refuse_another_host([BY_ROW], host, retired=True)
    change(
        host,
        "DELETE FROM system_backups_restorelog",
        "INSERT INTO system_backups_backuplog VALUES (1, NULL)",
    )
    assert computed_fingerprint(host, retired=True) == known_by(
        "row\nsystem_backups_backuplog\n1\n" + 20 * "0"
    )


@pytest.mark.parametrize("table", CONSOLIDATED)
def test_a_host_may_never_drop_its_consolidated_tables(
    host: SQLiteSnapshotReader, table: str
) -> None:
    change(host, MIGRATIONS, FIRST_MIGRATION, f"DROP TABLE {table}")
    with pytest.raises(HostNotComparable, match=table):
        computed_fingerprint(host, retired=True)


def test_a_host_with_any_of_the_known_fingerprints_is_not_refused(
    host: SQLiteSnapshotReader,
) -> None:
    change(host, ROW)
    refuse_another_host([BY_ROW, "another"], host)
    refuse_another_host(["another", BY_ROW], host)


def test_another_host_is_refused_with_the_fingerprint_that_was_accepted_last(
    host: SQLiteSnapshotReader,
) -> None:
    change(host, ROW)
    with pytest.raises(NotTheImportedHost, match=f"fingerprint newest; the source's is {BY_ROW}"):
        refuse_another_host(["oldest", "newest"], host)
