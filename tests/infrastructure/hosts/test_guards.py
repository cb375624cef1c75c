"""What an import refuses, in one line, with nothing recorded."""

from pathlib import Path

import pytest

from domain.consolidation.errors import AnotherHost
from domain.consolidation.events import FingerprintAccepted
from domain.errors import RestoreLogError
from infrastructure.databases.redaction import one_line
from infrastructure.hosts import errors
from tests.infrastructure.hosts.tiny import (
    CONSOLIDATED,
    CONSOLIDATED_BACKUPS,
    LEGACY,
    LEGACY_BACKUPS,
    TinyHost,
)
from tests.support import raw


@pytest.fixture
def refused(import_from, log):
    """Import, expect this error, and find the log as it was; returns the message."""

    def run(error: type[RestoreLogError], url: str, **options) -> str:
        before = log.head()
        with pytest.raises(error) as caught:
            import_from(url, **options)
        assert log.head() == before
        assert "\n" not in str(caught.value).strip()
        return str(caught.value)

    return run


def test_a_missing_table_is_named(host_url, refused):
    TinyHost(host_url, leave_out=[LEGACY_BACKUPS, CONSOLIDATED])
    message = refused(errors.NotAHost, host_url)
    assert LEGACY_BACKUPS in message
    assert CONSOLIDATED in message


@pytest.mark.parametrize("column", ["status", "created_by_id", "updated_at"])
def test_a_missing_column_is_named(column, tiny, refused):
    raw.execute(tiny.url, f"ALTER TABLE {CONSOLIDATED} RENAME COLUMN {column} TO gone")
    message = refused(errors.MissingColumns, tiny.url)
    assert f"{CONSOLIDATED}.{column}" in message


def test_backups_need_nothing_but_an_id(tiny, import_from, events):
    for column in ("name", "database_name", "created_at", "size_bytes"):
        raw.execute(tiny.url, f"ALTER TABLE {CONSOLIDATED_BACKUPS} DROP COLUMN {column}")
    tiny.add(CONSOLIDATED_BACKUPS, 1)
    tiny.add(CONSOLIDATED, 1, source_backup_id=1)
    import_from(tiny.url)
    assert events()[-1].derived == {"target_database": ""}


def test_another_host_is_refused_until_somebody_vouches_for_it(tiny, refused, import_from, events):
    tiny.fill(1)
    position = import_from(tiny.url).position
    raw.execute(tiny.url, "UPDATE django_migrations SET applied = '2022-02-02 22:22:22'")
    message = refused(AnotherHost, tiny.url)
    found = message.rpartition("accept_fingerprint=")[2]
    refused(AnotherHost, tiny.url, accept_fingerprint="f00d")
    assert import_from(tiny.url, accept_fingerprint=found).events == 1
    (accepted,) = events(position)
    assert isinstance(accepted, FingerprintAccepted)
    assert import_from(tiny.url).events == 0


@pytest.mark.parametrize("column", ["app", "name", "applied"])
def test_a_host_whose_record_of_migrations_is_odd_is_known_by_its_lowest_row(
    column, tiny, import_from, events
):
    raw.execute(tiny.url, f"ALTER TABLE django_migrations DROP COLUMN {column}")
    tiny.fill(1)
    import_from(tiny.url)
    assert import_from(tiny.url).events == 0


def test_a_host_that_moved_is_the_same_host(tmp_path, postgresql_url, import_from):
    sqlite = f"sqlite:///{tmp_path}/old.sqlite3"
    TinyHost(sqlite)
    TinyHost(postgresql_url)
    assert import_from(sqlite).events == 3
    assert import_from(postgresql_url).events == 0


def test_a_host_without_migrations_is_known_by_its_first_row(tiny, import_from, refused):
    raw.execute(tiny.url, "DROP TABLE django_migrations")
    refused(errors.NothingToIdentify, tiny.url)
    tiny.add(LEGACY, 3)
    import_from(tiny.url)
    tiny.add(LEGACY, 4)
    assert import_from(tiny.url).events == 1
    raw.execute(tiny.url, f"UPDATE {LEGACY} SET created_at = '1999-09-09 09:09:09' WHERE id = 3")
    refused(AnotherHost, tiny.url)


def test_more_than_five_percent_vanished_needs_a_number(tiny, refused, import_from):
    tiny.fill(40)
    import_from(tiny.url)
    raw.execute(tiny.url, f"DELETE FROM {LEGACY} WHERE id <= 3")
    raw.execute(tiny.url, f"DELETE FROM {CONSOLIDATED} WHERE id <= 1")
    message = refused(errors.TooManyVanished, tiny.url)
    assert f"3 of 40 in {LEGACY}" in message
    assert CONSOLIDATED not in message
    assert "allow_deletions=4" in message
    refused(errors.TooManyVanished, tiny.url, allow_deletions=3)
    assert import_from(tiny.url, allow_deletions=4).events == 4


def test_five_percent_may_vanish_and_one_row_always(tiny, import_from):
    tiny.fill(40)
    import_from(tiny.url)
    raw.execute(tiny.url, f"DELETE FROM {LEGACY} WHERE id <= 2")
    raw.execute(tiny.url, f"DELETE FROM {LEGACY_BACKUPS} WHERE id = 1")
    assert import_from(tiny.url).events == 3


def test_an_id_where_ours_begin_is_named(tiny, refused):
    tiny.add(LEGACY, 10**12)
    message = refused(errors.KeyTooLarge, tiny.url)
    assert LEGACY in message
    assert str(10**12) in message


def test_keys_that_are_no_numbers(sqlite_url, refused):
    tiny = TinyHost(sqlite_url)
    raw.execute(sqlite_url, f"DROP TABLE {LEGACY_BACKUPS}")
    raw.execute(sqlite_url, f"CREATE TABLE {LEGACY_BACKUPS} (id varchar(36) PRIMARY KEY)")
    raw.execute(sqlite_url, f"INSERT INTO {LEGACY_BACKUPS} VALUES ('x')")
    assert LEGACY_BACKUPS in refused(errors.KeyNotInteger, tiny.url)


def test_keys_that_repeat(sqlite_url, import_from):
    TinyHost(sqlite_url)
    raw.execute(sqlite_url, f"DROP TABLE {LEGACY_BACKUPS}")
    raw.execute(sqlite_url, f"CREATE TABLE {LEGACY_BACKUPS} (id integer)")
    raw.execute(sqlite_url, f"INSERT INTO {LEGACY_BACKUPS} VALUES (1), (2), (2)")
    with pytest.raises(errors.KeyNotInteger):
        import_from(sqlite_url)


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("", errors.NoSource),
        ("nonsense", errors.BadSourceUrl),
        ("oracle://scott:tiger@db/x", errors.BadSourceUrl),
        ("sqlite://:memory:", errors.BadSourceUrl),
        ("sqlite:////nowhere/at/all.sqlite3", errors.HostUnreachable),
        ("postgres://me:s3cret@127.0.0.1:1/host", errors.HostUnreachable),
        ("postgres://me:s3cret@127.0.0.1:1/host?colour=red", errors.BadSourceUrl),
        ("mysql://me:s3cret@127.0.0.1:1/host", errors.HostUnreachable),
        ("mysql://me:s3cret@127.0.0.1:1/host?colour=red", errors.BadSourceUrl),
        ("postgres://me:s3cret@127.0.0.1:port/host", errors.BadSourceUrl),
        ("postgres:/me:s3cret@127.0.0.1/host", errors.BadSourceUrl),
        ("postgres:me:s3cret@127.0.0.1/host", errors.BadSourceUrl),
        ("postgres:///me:s3cret@127.0.0.1/host", errors.BadSourceUrl),
        ("postgres://me:12/s3cret@127.0.0.1/host", errors.BadSourceUrl),
        ("mysql:/me:s3cret@127.0.0.1/host", errors.BadSourceUrl),
    ],
)
def test_a_source_that_cannot_be_read(url, error, refused):
    message = refused(error, url)
    assert "s3cret" not in message
    assert "tiger" not in message


def test_a_file_that_is_no_database(tmp_path: Path, refused):
    (tmp_path / "host.sqlite3").write_text("not a database at all\n" * 100)
    refused(errors.HostUnreachable, f"sqlite:///{tmp_path}/host.sqlite3")


def test_a_database_that_is_no_host(host_url, refused):
    raw.execute(host_url, "CREATE TABLE something (id integer)")
    refused(errors.NotAHost, host_url)


def test_the_services_own_database_under_another_spelling(database, refused, tmp_path):
    if database.startswith("sqlite"):
        link = tmp_path / "link.sqlite3"
        link.symlink_to(database.removeprefix("sqlite:///"))
        refused(errors.SourceIsTheService, f"sqlite:///{link}")
        refused(errors.SourceIsTheService, database.replace("/service.", "/./service."))
    else:
        refused(errors.SourceIsTheService, database.replace("127.0.0.1", "localhost"))
        refused(errors.SourceIsTheService, f"{database}?application_name=other")


def test_passwords_do_not_reach_messages(database):
    assert "s3cret" not in one_line(ValueError("postgres://me:s3cret@db/x"))
