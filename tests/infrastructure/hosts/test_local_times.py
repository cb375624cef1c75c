"""Hosts that stored the clock on the wall: the instant is derived; assumed where it is unsure."""

import pytest

from domain.values import Tagged
from infrastructure.hosts.errors import UnknownTimeZone
from tests.infrastructure.hosts.tiny import LEGACY, LEGACY_BACKUPS, TinyHost
from tests.support import raw

# What is tested is the host; the service need not be on every database as well.
pytestmark = pytest.mark.parametrize("vendor", ["sqlite"])


def test_naive_times_of_a_zone(sqlite_url, import_from, events):
    tiny = TinyHost(sqlite_url)
    tiny.add(
        LEGACY,
        1,
        created_at="2021-01-10 12:00:00",
        updated_at="2021-07-10 12:00:00.000001",
        started_at="2021-03-28 02:30:00",  # skipped: clocks went from 2 to 3
        completed_at="2021-10-31 02:30:00.5",  # came twice
    )
    import_from(sqlite_url, zone="Europe/Berlin")
    restore = events()[-1]
    assert restore.columns["created_at"] == Tagged("time", "2021-01-10 12:00:00")
    assert restore.derived == {
        "created_at": Tagged("time", "2021-01-10T11:00:00+00:00"),
        "updated_at": Tagged("time", "2021-07-10T10:00:00.000001+00:00"),
    }
    assert restore.assumed == {
        "started_at": Tagged("time", "2021-03-28T01:30:00+00:00"),
        "completed_at": Tagged("time", "2021-10-31T00:30:00.500000+00:00"),
        "restore_type": "database",
        "is_overwrite": False,
    }


@pytest.mark.parametrize("zone", ["", "UTC"])
def test_naive_times_of_a_host_on_utc_need_no_deriving(zone, sqlite_url, import_from, events):
    TinyHost(sqlite_url).add(LEGACY, 1)
    import_from(sqlite_url, zone=zone)
    assert events()[-1].derived == {}


def test_times_with_an_offset_and_what_is_no_time_are_left_alone(sqlite_url, import_from, events):
    tiny = TinyHost(sqlite_url)
    tiny.add(
        LEGACY,
        1,
        created_at="2021-01-10 12:00:00+05:00",
        updated_at="2021-01-10T12:00:00Z",
        started_at="yesterday",
        completed_at=5,
    )
    import_from(sqlite_url, zone="Europe/Berlin")
    assert events()[-1].derived == {}


def test_an_instant_before_the_calendar_is_no_time(sqlite_url, import_from, events):
    TinyHost(sqlite_url).add(LEGACY, 1, started_at="0001-01-01 00:10:00")
    import_from(sqlite_url, zone="Europe/Berlin")
    assert events()[-1].derived["started_at"] == Tagged("time", "0001-01-01 00:10:00 Europe/Berlin")


def test_backups_too(sqlite_url, import_from, events):
    TinyHost(sqlite_url).add(LEGACY_BACKUPS, 1, created_at="2021-01-10 12:00:00")
    import_from(sqlite_url, zone="America/New_York")
    assert events()[-1].derived == {"created_at": Tagged("time", "2021-01-10T17:00:00+00:00")}


def test_postgresql_columns_without_time_zone(postgresql_url, import_from, events):
    TinyHost(postgresql_url).add(LEGACY, 1)
    raw.execute(
        postgresql_url,
        f"ALTER TABLE {LEGACY} ALTER COLUMN created_at TYPE timestamp USING '2021-01-10 12:00'",
    )
    import_from(postgresql_url, zone="Asia/Kolkata")
    assert events()[-1].derived == {"created_at": Tagged("time", "2021-01-10T06:30:00+00:00")}


def test_a_zone_that_does_not_exist(sqlite_url, import_from):
    TinyHost(sqlite_url)
    with pytest.raises(UnknownTimeZone, match="Mars/Olympus"):
        import_from(sqlite_url, zone="Mars/Olympus")
