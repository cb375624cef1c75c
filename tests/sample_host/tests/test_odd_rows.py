"""The odd rows that an import has to get through are there, and absent when not wanted."""

from pathlib import Path

import pytest

from tests.sample_host import make_host
from tests.support import raw

from .databases import FRESH

TABLES = ("database_management_restorelog", "system_backups_restorelog")
ODD = {
    "completed before it started": "completed_at < started_at",
    "a duration that does not fit": "duration_seconds = 86399",
    "a status outside the choices": "status = 'COMPLETED'",
    "a name of 255 characters": "length(name) = 255",
    "nothing known": "started_at IS NULL AND completed_at IS NULL AND created_by_id IS NULL",
    "a tab and a line feed": "message LIKE '%tab:\there\n%'",
    "an end-of-copy mark": "message = '\\.'",
    "a null mark": "message = '\\N'",
    "the text NULL": "message = 'NULL'",
    "an emoji of several characters": "message LIKE '%👨‍👩‍👧‍👦%'",
    "text from right to left": "message LIKE '%עברית%'",
    "a combining accent": "message = 'e\u0301'",
    "JSON": "message LIKE '{\"json\"%'",
    "blanks around": "message LIKE '  blanks%'",
    "a missing backup": "source_backup_id = 77000000",
}


@pytest.fixture(scope="module", params=FRESH)
def host(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    url = FRESH[request.param](tmp_path_factory.mktemp("host"))
    make_host(url, rows=400)
    return url


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("odd", ODD)
def test_an_odd_row_is_there(host: str, table: str, odd: str) -> None:
    assert raw.value(host, f"SELECT count(*) FROM {table} WHERE {ODD[odd]}") >= 1


def test_one_message_is_a_megabyte_long(host: str) -> None:
    lengths = [raw.value(host, f"SELECT max(length(message)) FROM {table}") for table in TABLES]
    assert lengths[0] == 1_000_000
    assert lengths[1] < 1000


def test_some_restores_name_a_backup_of_the_other_table(host: str) -> None:
    found = raw.value(
        host,
        "SELECT count(*) FROM database_management_restorelog"
        " WHERE source_backup_id NOT IN (SELECT id FROM database_management_backuplog)"
        " AND source_backup_id IN (SELECT id FROM system_backups_backuplog)",
    )
    assert found >= 1


@pytest.mark.parametrize("database", FRESH)
def test_without_odd_rows_everything_is_in_order(database: str, tmp_path: Path) -> None:
    url = FRESH[database](tmp_path)
    make_host(url, rows=400, odd_rows=False)
    for table in TABLES:
        for condition in ODD.values():
            if "IS NULL" not in condition:
                assert raw.value(url, f"SELECT count(*) FROM {table} WHERE {condition}") == 0


@pytest.mark.parametrize("database", FRESH)
def test_rows_to_quarantine_come_on_top(database: str, tmp_path: Path) -> None:
    url = FRESH[database](tmp_path)
    make_host(url, rows=50, quarantine=9)
    counts = [raw.value(url, f"SELECT count(*) FROM {table}") for table in TABLES]
    assert counts == [59, 50]


def test_a_local_host_stores_times_that_no_clock_showed_and_some_showed_twice(
    tmp_path: Path,
) -> None:
    url = FRESH["sqlite"](tmp_path)
    make_host(url, rows=400, time_zone="Europe/Berlin")
    for moment in ("2021-03-28 02:30:00.000005", "2021-10-31 02:00:00"):
        sql = "SELECT count(*) FROM database_management_restorelog WHERE started_at = ?"
        assert raw.value(url, sql, (moment,)) >= 1


def test_without_backups_no_restore_names_one(tmp_path: Path) -> None:
    url = FRESH["sqlite"](tmp_path)
    make_host(url, rows=200, backups=False)
    assert raw.value(url, "SELECT count(*) FROM system_backups_backuplog") == 0
    assert raw.value(url, f"SELECT count(source_backup_id) FROM {TABLES[0]}") == 0
