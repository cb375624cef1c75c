"""The same host on MariaDB, where a time has no zone and a date may be zero."""

import pytest

from tests.sample_host import host_command, make_host
from tests.support import mariadb, raw

pytestmark = pytest.mark.system
LEGACY, CONSOLIDATED = "database_management_restorelog", "system_backups_restorelog"


@pytest.fixture
def url() -> str:
    return mariadb.fresh_database()


@pytest.mark.parametrize("variant", ["standard", "origin", "bare", "strange"])
def test_every_variant_is_made_and_written_to(url: str, variant: str) -> None:
    make_host(url, rows=150, variant=variant)
    for table in (LEGACY, CONSOLIDATED):
        assert raw.value(url, f"SELECT count(*) FROM {table}") == 150
    host_command("write", url, "--seconds=0.5", "--rate=40", variant=variant)
    assert raw.value(url, f"SELECT count(*) FROM {LEGACY}") > 150


def test_odd_texts_are_stored_as_they_are(url: str) -> None:
    make_host(url, rows=400)
    messages = {row[0] for row in raw.rows(url, f"SELECT message FROM {LEGACY}")}
    assert {"\\N", "\\.", "NULL", "e\u0301", "\u00e9", "", " ", "\n"} <= messages
    assert max(map(len, messages)) == 1_000_000


def test_zero_dates_get_in(url: str) -> None:
    make_host(url, rows=50, quarantine=3)
    zero = f"SELECT count(*) FROM {LEGACY} WHERE CAST(started_at AS char) LIKE '0000-00-00%'"
    assert raw.value(url, zero) == 1


def test_a_local_host_stores_what_the_clock_on_the_wall_showed(url: str) -> None:
    make_host(url, rows=400, time_zone="Europe/Berlin")
    ambiguous = f"SELECT count(*) FROM {LEGACY} WHERE started_at = '2021-10-31 02:30:00.000001'"
    assert raw.value(url, ambiguous) >= 1
