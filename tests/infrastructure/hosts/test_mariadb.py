"""A MariaDB host: everything as the server's own text, from a consistent snapshot."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from domain.values import Tagged
from infrastructure.hosts import errors
from infrastructure.hosts.identity import fingerprint
from infrastructure.hosts.inspecting.inspection import inspect_host
from infrastructure.hosts.readers import open_host
from projections.verification.actual.readers import open_compared_host as open_for_verifying
from projections.verification.actual.readers.base import Wanted
from tests.infrastructure.hosts.tiny import CONSOLIDATED, LEGACY, TinyHost
from tests.sample_host import make_host
from tests.support import mariadb, raw

pytestmark = [pytest.mark.system, pytest.mark.parametrize("vendor", ["sqlite"])]


@pytest.fixture
def mariadb_url() -> Iterator[str]:
    url = mariadb.fresh_database()
    yield url
    mariadb.server().drop_database(url)


def test_a_journey(mariadb_url, import_from, events):
    tiny = TinyHost(mariadb_url)
    tiny.fill(10)
    before = tiny.dump()
    assert import_from(mariadb_url).events == 33
    assert import_from(mariadb_url).events == 0
    assert tiny.dump() == before
    tiny.execute(f"UPDATE {LEGACY} SET name = 'changed' WHERE id = 2")
    tiny.execute(f"DELETE FROM {CONSOLIDATED} WHERE id = 3")
    assert import_from(mariadb_url).events == 2
    restore = events()[13]
    assert restore.username == "ada"
    assert restore.columns["created_at"] == Tagged("time", "2021-03-01 12:00:00.000001")


@pytest.mark.parametrize(
    ("declared", "sql", "expected"),
    [
        ("longtext", "'☃ 𝄞\\n\\\\ \\''", "☃ 𝄞\n\\ '"),
        ("bigint unsigned", "18446744073709551615", Tagged("decimal", "18446744073709551615")),
        ("tinyint(1)", "1", 1),
        ("decimal(30,10)", "1.5", Tagged("decimal", "1.5000000000")),
        ("double", "0.1e0 + 0.2e0", Tagged("float", "0.30000000000000004")),
        ("float", "0.1", Tagged("float", "0.10000000149011612")),
        ("datetime", "'2021-03-28 02:30:00'", Tagged("time", "2021-03-28 02:30:00")),
        ("timestamp null", "'2021-03-28 02:30:00'", Tagged("time", "2021-03-28 02:30:00")),
        ("longblob", "x'00ff'", Tagged("bytes", "00ff")),
        ("uuid", "'123e4567-e89b-42d3-a456-426614174000'",
         Tagged("raw", "123e4567-e89b-42d3-a456-426614174000")),
        ("date", "'2021-03-28'", Tagged("raw", "2021-03-28")),
        ("enum('a','b')", "'b'", "b"),
    ],
)  # fmt: skip
def test_values(declared, sql, expected, mariadb_url, import_from, events):
    tiny = TinyHost(mariadb_url, extra={LEGACY: f"odd {declared}"})
    tiny.add(LEGACY, 1)
    tiny.execute(f"UPDATE {LEGACY} SET odd = {sql}")
    import_from(mariadb_url)
    assert events()[-1].columns["odd"] == expected


def test_dates_that_never_were(mariadb_url, import_from, events):
    tiny = TinyHost(mariadb_url)
    tiny.add(LEGACY, 1)
    with raw.connect(mariadb_url) as connection, connection.cursor() as cursor:
        cursor.execute("SET sql_mode = ''")
        cursor.execute(f"UPDATE {LEGACY} SET created_at = '0000-00-00 00:00:00'")
    import_from(mariadb_url)
    created_at = events()[-1].columns["created_at"]
    assert created_at == Tagged("time", "0000-00-00 00:00:00.000000")


def test_the_same_host_on_sqlite_has_the_same_fingerprint(mariadb_url, sqlite_url, vendor):
    TinyHost(mariadb_url)
    TinyHost(sqlite_url)
    with open_host(mariadb_url) as one, open_host(sqlite_url) as other:
        assert fingerprint(one) == fingerprint(other)


def test_guards(mariadb_url, import_from):
    TinyHost(mariadb_url, leave_out=[LEGACY])
    with pytest.raises(errors.NotAHost, match=LEGACY):
        import_from(mariadb_url)
    wrong = mariadb_url.replace(":", ":wrong", 2).replace("mysql:wrong", "mysql:")
    with pytest.raises(errors.HostUnreachable) as caught:
        import_from(wrong)
    assert "wrong" not in str(caught.value)


def test_a_sample_host(mariadb_url, import_from):
    make_host(mariadb_url, rows=60)
    report = import_from(mariadb_url)
    adopted_and_choices = 3
    assert report.events == adopted_and_choices + sum(
        table.rows for table in report.tables.values()
    )
    assert import_from(mariadb_url).events == 0


def test_a_look_at_it(mariadb_url, database):
    tiny = TinyHost(mariadb_url)
    tiny.fill(4)
    kinds = {(finding.table, finding.kind) for finding in inspect_host(mariadb_url).findings}
    assert (LEGACY, "no_backup") in kinds


def opened_by_both(url):
    """A reader of each side, and a way to read one table through it."""
    with open_host(url) as host:
        yield host.session.connection, lambda: list(host.keys(LEGACY))
    with closing(open_for_verifying(url)) as host:
        wanted = [Wanted(column, "verbatim") for column in host.columns(LEGACY)]
        yield (
            host.session.connection,
            lambda: [r for rows in host.stream(LEGACY, wanted) for r in rows],
        )


def test_a_limit_on_rows_that_the_server_sets_for_everybody_is_lifted(mariadb_url, vendor):
    TinyHost(mariadb_url).fill(9)
    raw.execute(mariadb_url, "SET GLOBAL sql_select_limit = 4")
    try:
        for _, read in opened_by_both(mariadb_url):
            assert len(read()) == 9
    finally:
        raw.execute(mariadb_url, "SET GLOBAL sql_select_limit = DEFAULT")


def test_a_connection_that_was_killed_is_an_unreachable_host_for_both(mariadb_url, vendor):
    TinyHost(mariadb_url).fill(3)
    for connection, read in opened_by_both(mariadb_url):
        raw.execute(mariadb_url, f"KILL {connection.thread_id()}")
        with pytest.raises(errors.HostUnreachable):
            read()


@pytest.mark.parametrize("opened", [open_host, open_for_verifying])
def test_tls_that_the_server_does_not_have_is_refused_by_both(opened, mariadb_url, vendor):
    for query in ("ssl-mode=REQUIRED", "ssl_verify_identity=true"):
        with pytest.raises(errors.HostUnreachable):
            opened(f"{mariadb_url}?{query}")
