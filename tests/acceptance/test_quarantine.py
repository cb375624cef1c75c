"""Rows that a table cannot hold: foretold, counted, kept in the log, left out of the table."""

import pytest

from tests.sample_host.build import make_host
from tests.support import here, raw

LEGACY = "database_management.RestoreLog"


@pytest.fixture
def strange_rows(empty_host: str) -> str:
    """A host with three legacy rows that no projection can hold."""
    make_host(empty_host, rows=20, odd_rows=False, quarantine=3)
    return empty_host


def test_they_are_foretold_counted_and_left_out(database: str, strange_rows: str):
    foretold = here.run("inspect_host", "--json", source=strange_rows).json["findings"]
    assert sum(one["count"] for one in foretold if one["kind"] == "quarantine") == 3

    report = here.run("import_host", "--json", source=strange_rows).json["tables"][LEGACY]
    assert (report["imported"], report["quarantined"]) == (23, 3)
    table = "database_management_restorelog"
    assert raw.value(database, f"SELECT count(*) FROM {table}") == 20

    found = here.run("verify", "--json", source=strange_rows, check=False)
    assert found.code == 1
    assert found.json["equal"] is False
    assert found.json["tables"][LEGACY]["quarantined"] == 3
    assert {one["cause"] for one in found.json["differences"]} == {"quarantined"}


def test_an_import_brings_the_tables_up_to_the_log(database: str, strange_rows: str):
    position = here.run("import_host", "--json", source=strange_rows).json["position"]
    found = here.run("projections", "--json").json["projections"]
    assert {one["position"] for one in found} == {position}
