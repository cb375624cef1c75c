"""The origin host has the columns of the product that the plan was written for, and no others."""

from datetime import date
from pathlib import Path

import pytest

from tests.sample_host import HostNotMade, host_command, make_host
from tests.support import raw

from .databases import FRESH

COMMON = "id name source_backup_id status started_at completed_at duration_seconds message"
ENDS = "created_by_id created_at updated_at"
COLUMNS = {
    "database_management_restorelog": f"{COMMON} restore_method target_database is_overwrite",
    "system_backups_restorelog": f"{COMMON} restore_type trigger_type is_overwrite",
    "database_management_backuplog": (
        "id name backup_type backup_method status database_name compression started_at completed_at"
        " duration_seconds file_path file_size message is_encrypted retention_days expiry_date"
    ),
    "system_backups_backuplog": (
        "id name configuration_id schedule_id backup_type trigger_type status storage_location"
        " started_at completed_at duration_seconds local_path cloud_url file_size message"
        " is_encrypted is_compressed compression_type expiry_date"
    ),
}
LEGACY, CONSOLIDATED = "database_management_restorelog", "system_backups_restorelog"


@pytest.fixture(scope="module", params=FRESH)
def host(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    url = FRESH[request.param](tmp_path_factory.mktemp("host"))
    make_host(url, rows=200, variant="origin")
    return url


@pytest.mark.parametrize("table", COLUMNS)
def test_a_table_has_the_columns_of_the_listing(host: str, table: str):
    with raw.connect(host) as connection:
        cursor = connection.cursor()
        cursor.execute(f"SELECT * FROM {table} WHERE 1 = 0")
        found = {column[0] for column in cursor.description}
    assert found == set(f"{COLUMNS[table]} {ENDS}".split())


@pytest.mark.parametrize("table", [LEGACY, CONSOLIDATED])
def test_each_restore_has_a_backup_and_a_start(host: str, table: str):
    backups = table.replace("restorelog", "backuplog")
    missing = (
        f"SELECT count(*) FROM {table} WHERE started_at IS NULL"
        f" OR source_backup_id NOT IN (SELECT id FROM {backups})"
    )
    assert raw.value(host, missing) == 0


@pytest.mark.parametrize("table", [LEGACY, CONSOLIDATED])
def test_some_restores_of_either_table_replaced_what_was_there(host: str, table: str):
    found = {bool(row[0]) for row in raw.rows(host, f"SELECT is_overwrite FROM {table}")}
    assert found == {True, False}


def test_some_legacy_restores_do_not_say_where_to(host: str):
    assert raw.value(host, f"SELECT count(*) FROM {LEGACY} WHERE target_database = ''") > 0


def test_backups_lie_on_disk_in_a_cloud_in_both_and_nowhere(host: str):
    found = raw.rows(host, "SELECT local_path, cloud_url FROM system_backups_backuplog")
    assert {(local is None, cloud is None) for local, cloud in found} == {
        (False, False), (False, True), (True, False), (True, True)
    }  # fmt: skip
    assert any(local == "" and cloud for local, cloud in found)


@pytest.mark.parametrize("table", ["database_management_backuplog", "system_backups_backuplog"])
def test_sizes_and_days_are_as_odd_as_the_columns_allow(host: str, table: str):
    sizes = {row[0] for row in raw.rows(host, f"SELECT file_size FROM {table}")}
    assert {None, 0, 2**63 - 1} <= sizes
    days = {str(row[0]) for row in raw.rows(host, f"SELECT expiry_date FROM {table}")}
    assert {"None", str(date.max)} <= days


def test_users_have_an_address_and_a_name_each(host: str):
    users = raw.rows(host, "SELECT email, username FROM users_user")
    assert len({email for email, _ in users}) == len({name for _, name in users}) == 15
    nobody = "SELECT count(*) FROM {} WHERE created_by_id IS NULL"
    assert all(raw.value(host, nobody.format(table)) > 0 for table in COLUMNS)


def test_it_keeps_writing(host: str):
    before = raw.value(host, f"SELECT count(*) FROM {LEGACY}")
    host_command("write", host, "--seconds=0.5", "--rate=40", variant="origin")
    assert raw.value(host, f"SELECT count(*) FROM {LEGACY}") > before


def test_it_cannot_do_without_backups(tmp_path: Path):
    with pytest.raises(HostNotMade, match="has a backup"):
        make_host(FRESH["sqlite"](tmp_path), variant="origin", backups=False)
