"""All rows of a host or none: what hides some of them stops the import and the verification."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from time import sleep
from urllib.parse import urlsplit

import pytest

from infrastructure.hosts import errors
from infrastructure.hosts.inspecting.inspection import inspect_host
from infrastructure.hosts.readers import open_host
from projections.verification.actual.readers import open_compared_host as open_for_verifying
from projections.verification.verify import verify
from tests.infrastructure.hosts.tiny import CONSOLIDATED, LEGACY, TABLES, TinyHost
from tests.support import raw


@pytest.fixture
def reader_of(postgresql_url: str):
    """The URL of a role that may read the host and no more; its own settings can be added."""
    name = f"reader_{urlsplit(postgresql_url).path[-8:]}"

    def url(*settings: str) -> str:
        raw.execute(postgresql_url, f"CREATE ROLE {name} LOGIN PASSWORD 'pw'")
        raw.execute(postgresql_url, f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {name}")
        for setting in settings:
            raw.execute(postgresql_url, f"ALTER ROLE {name} SET {setting}")
        parts = urlsplit(postgresql_url)
        return parts._replace(netloc=f"{name}:pw@{parts.hostname}:{parts.port}").geturl()

    yield url
    raw.execute(postgresql_url, f"DROP OWNED BY {name}")
    raw.execute(postgresql_url, f"DROP ROLE {name}")


def refuse_some(url: str, table: str) -> None:
    raw.execute(url, f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    raw.execute(url, f"CREATE POLICY a_part ON {table} USING (id <> 2)")


@pytest.mark.parametrize("table", [LEGACY, CONSOLIDATED, "auth_user"])
def test_a_policy_that_hides_rows_stops_both(
    table, postgresql_url, reader_of: Callable[..., str], import_from, events
):
    tiny = TinyHost(postgresql_url)
    tiny.fill(5)
    reader = reader_of()
    import_from(postgresql_url)
    known = len(events())
    refuse_some(postgresql_url, table)
    with pytest.raises(errors.HostError, match="ow-level security"):
        import_from(reader)
    assert len(events()) == known
    with pytest.raises(errors.HostError, match="ow-level security"):
        verify(reader)


def test_time_outs_of_the_role_are_lifted(postgresql_url, reader_of):
    TinyHost(postgresql_url)
    url = reader_of(
        "statement_timeout = 150", "lock_timeout = 150", "idle_in_transaction_session_timeout = 150"
    )
    with open_host(url) as host:
        host.session.connection.execute("SELECT pg_sleep(0.3)")
        sleep(0.3)
        assert host.extent(LEGACY).rows == 0


def test_what_the_role_may_not_lift_is_refused_by_name(postgresql_url, reader_of):
    TinyHost(postgresql_url)
    url = reader_of("zero_damaged_pages = on")
    # Set by whoever administers the server, for a role that may not change it.
    with pytest.raises(errors.LimitNotLifted, match="zero_damaged_pages is 'on'"):
        open_host(url)


def test_the_schema_of_the_url_is_read_by_both_and_not_a_decoy(postgresql_url, import_from):
    TinyHost(postgresql_url).fill(2)
    raw.execute(postgresql_url, "ALTER SCHEMA public RENAME TO branch_b")
    raw.execute(postgresql_url, "CREATE SCHEMA public")
    TinyHost(postgresql_url)
    for query in ("currentSchema=branch_b", "options=--search-path%3Dbranch_b"):
        with open_host(f"{postgresql_url}?{query}") as host:
            assert host.extent(CONSOLIDATED).rows == 2
            assert host.session.read_from().schema == "branch_b"
        with closing(open_for_verifying(f"{postgresql_url}?{query}")) as host:
            assert host.rows(f"SELECT count(*) FROM {CONSOLIDATED}") == [(2,)]


def test_a_schema_that_is_not_there_does_not_fall_back_to_the_next(postgresql_url):
    TinyHost(postgresql_url)
    for opened in (open_host, open_for_verifying):
        with pytest.raises(errors.HostUnreachable, match="no schema brnch"):
            opened(f"{postgresql_url}?currentSchema=brnch,public")


def test_tls_that_is_asked_for_and_not_to_be_had_is_refused_by_both(postgresql_url):
    for opened in (open_host, open_for_verifying):
        with pytest.raises(errors.HostUnreachable, match="SSL"):
            opened(f"{postgresql_url}?sslmode=require")


def damaged_sqlite(url: str) -> Callable[[], None]:
    """A host with an index of ids; and what makes that lose an entry, as a bad disk would."""
    tiny = TinyHost(url, leave_out=[LEGACY])
    columns = TABLES[LEGACY].format(**{**tiny.types, "key": "bigint"})
    for table in (LEGACY, "copied"):
        raw.execute(url, f"CREATE TABLE {table} ({columns})")
    tiny.fill(6)
    raw.execute(url, f"INSERT INTO copied SELECT * FROM {LEGACY} WHERE id < 6")

    def damage() -> None:
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as file:
            file.execute("PRAGMA writable_schema = ON")
            file.execute(
                "UPDATE sqlite_master SET rootpage = (SELECT rootpage FROM sqlite_master"
                " WHERE type = 'index' AND tbl_name = 'copied')"
                f" WHERE type = 'index' AND tbl_name = '{LEGACY}'"
            )
            file.commit()

    return damage


def damaged_postgresql(url: str) -> Callable[[], None]:
    """The same; rows come in the order of the index, however few they are."""
    TinyHost(url).fill(6)
    raw.execute(url, f"ALTER DATABASE {urlsplit(url).path[1:]} SET enable_sort = off")
    index = f"(SELECT indexrelid FROM pg_index WHERE indrelid = '{LEGACY}'::regclass)"

    def damage() -> None:
        raw.execute(url, f"UPDATE pg_index SET indisready = false WHERE indexrelid = {index}")
        raw.execute(url, f"CREATE TABLE kept AS SELECT * FROM {LEGACY} WHERE id = 6")
        raw.execute(url, f"DELETE FROM {LEGACY} WHERE id = 6")
        raw.execute(url, f"INSERT INTO {LEGACY} SELECT * FROM kept")
        raw.execute(url, f"UPDATE pg_index SET indisready = true WHERE indexrelid = {index}")

    return damage


def test_an_index_that_lost_a_row_stops_both(host_url, import_from, events):
    damage = (damaged_sqlite if host_url.startswith("sqlite") else damaged_postgresql)(host_url)
    import_from(host_url)
    known = len(events())
    damage()
    says = rf"{LEGACY} has 6 rows by count.*, and 5 were read"
    with pytest.raises(errors.RowsMissing, match=says):
        import_from(host_url)
    assert len(events()) == known
    with pytest.raises(errors.RowsMissing, match=says):
        verify(host_url)
    with pytest.raises(errors.RowsMissing, match=says):
        inspect_host(host_url)


def test_nothing_is_recorded_of_a_host_that_shows_a_part(host_url, import_from, events):
    damage = (damaged_sqlite if host_url.startswith("sqlite") else damaged_postgresql)(host_url)
    damage()
    with pytest.raises(errors.RowsMissing):
        import_from(host_url)
    assert events() == []


def test_a_table_that_reads_as_empty_against_the_statistics_is_a_finding(host_url, database):
    tiny = TinyHost(host_url)
    tiny.fill(3)
    raw.execute(host_url, "ANALYZE")
    assert "reads_as_empty" not in {one.kind for one in inspect_host(host_url).findings}
    raw.execute(host_url, f"DELETE FROM {LEGACY}")
    found = [one for one in inspect_host(host_url).findings if one.kind == "reads_as_empty"]
    assert [(one.table, one.count) for one in found] == [(LEGACY, 3)]
