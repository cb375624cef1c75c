"""A host that nobody has seen before: other columns, another user table, real constraints."""

from pathlib import Path
from uuid import UUID

import pytest

from tests.sample_host import host_command, make_host
from tests.support import raw

from .databases import FRESH

LEGACY, CONSOLIDATED = "database_management_restorelog", "system_backups_restorelog"


@pytest.fixture(scope="module", params=FRESH)
def host(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    url = FRESH[request.param](tmp_path_factory.mktemp("host"))
    make_host(url, rows=200, variant="strange")
    return url


def test_its_people_have_uuids_for_keys(host: str) -> None:
    for (key,) in raw.rows(host, f"SELECT created_by_id FROM {LEGACY} WHERE id < 9"):
        assert key is None or UUID(str(key)).version == 4


def test_its_tables_have_columns_of_their_own(host: str) -> None:
    for table, column in (
        *((LEGACY, "compression_ratio"), (LEGACY, "checksum"), (LEGACY, '"Retention Class"')),
        *((CONSOLIDATED, "storage_location"), (CONSOLIDATED, "requested_from")),
        (CONSOLIDATED, "target_database"),
    ):
        assert raw.value(host, f"SELECT count(DISTINCT {column}) FROM {table}") > 1


def test_some_floats_are_not_finite(host: str) -> None:
    ratios = {row[0] for row in raw.rows(host, f"SELECT compression_ratio FROM {LEGACY}")}
    assert {float("inf"), float("-inf")} <= ratios


def test_no_backup_is_missing_as_its_constraints_hold(host: str) -> None:
    missing = (
        f"SELECT count(*) FROM {LEGACY} WHERE source_backup_id NOT IN"
        " (SELECT id FROM database_management_backuplog)"
    )
    assert raw.value(host, missing) == 0


def test_it_keeps_writing(host: str) -> None:
    before = raw.value(host, f"SELECT count(*) FROM {LEGACY}")
    host_command("write", host, "--seconds=0.5", "--rate=40", variant="strange")
    assert raw.value(host, f"SELECT count(*) FROM {LEGACY}") > before


def test_a_bare_host_has_the_fewest_columns(tmp_path: Path) -> None:
    url = FRESH["sqlite"](tmp_path)
    make_host(url, rows=20, variant="bare")
    columns = raw.rows(url, "SELECT name FROM pragma_table_info('system_backups_backuplog')")
    assert columns == [("id",)]
