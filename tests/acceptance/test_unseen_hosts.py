"""Hosts that the code has never seen: import, rebuild, verify, and every column is the host's."""

import json

import pytest

from tests.acceptance.hosts import (
    CONSOLIDATED,
    LEGACY,
    columns_of,
    expected_consolidated,
    expected_legacy,
    rows,
)
from tests.sample_host.build import make_host
from tests.support import here, raw


def consolidate(host: str, zone: str = "UTC") -> None:
    """The three commands of a migration, as an operator types them."""
    here.run("import_host", source=host, zone=zone)
    here.run("rebuild", zone=zone)
    assert here.run("verify", "--json", source=host, zone=zone).json["equal"] is True


def assert_tables_are_the_hosts(database: str, host: str, zone: str = "UTC") -> None:
    found = rows(database, "database_management_restorelog", LEGACY)
    assert found == expected_legacy(host, zone)
    found = rows(database, "system_backups_restorelog", CONSOLIDATED)
    assert found == expected_consolidated(host, zone)
    for name in ("database_management_backuplog", "system_backups_backuplog"):
        there = [c for c in columns_of(host, name) if c in columns_of(database, name)]
        assert rows(database, name, there) == rows(host, name, there, zone)


@pytest.mark.parametrize("variant", ["standard", "origin", "strange", "bare"])
def test_every_column_of_every_row_is_the_hosts(
    database: str, empty_host: str, variant: str
) -> None:
    make_host(empty_host, rows=150, seed=7, variant=variant)
    consolidate(empty_host)
    assert_tables_are_the_hosts(database, empty_host)


@pytest.mark.parametrize("host_vendor", ["sqlite"], indirect=True)
def test_naive_local_times_become_the_instants_they_meant(database: str, empty_host: str) -> None:
    make_host(empty_host, rows=150, seed=7, time_zone="Europe/Berlin")
    consolidate(empty_host, zone="Europe/Berlin")
    assert_tables_are_the_hosts(database, empty_host, zone="Europe/Berlin")


def test_columns_that_nobody_announced_stand_in_extra(database: str, empty_host: str) -> None:
    make_host(empty_host, rows=150, seed=7, variant="strange")
    consolidate(empty_host)
    for name, known in (
        ("database_management_restorelog", LEGACY),
        ("system_backups_restorelog", CONSOLIDATED),
    ):
        unannounced = [c for c in columns_of(empty_host, name) if c not in known]
        assert unannounced
        extras = dict(raw.rows(database, f"SELECT id, extra FROM {name}"))
        listed = ", ".join(f"`{c}`" if "mysql" in empty_host else f'"{c}"' for c in unannounced)
        for key, *values in raw.rows(empty_host, f"SELECT id, {listed} FROM {name}"):
            extra = json.loads(extras[key])
            assert list(extra) == unannounced
            for column, value in zip(unannounced, values, strict=True):
                if value is None or isinstance(value, bool | int):
                    # The driver decodes a JSON column, which the event keeps as its text.
                    assert extra[column] in (value, {"$": "raw", "v": json.dumps(value)})
                elif isinstance(value, bytes | memoryview):
                    assert extra[column] == {"$": "bytes", "v": bytes(value).hex()}
                elif isinstance(extra[column], str):
                    assert extra[column] == value
                else:
                    assert set(extra[column]) == {"$", "v"}
