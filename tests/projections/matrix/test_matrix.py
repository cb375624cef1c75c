"""Declared types by odd values: import and verification agree on every one, and none is for ever.

Each test is a host all of whose named columns are of one declared type, with a row for each value.
A pair is a column, its declared type and a value.
"""

from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from projections.engine.models import WithheldRow
from projections.verification.cells import UNFIT
from tests.projections.matrix import seen
from tests.projections.matrix.host import NAMED, OddHost
from tests.projections.matrix.odd_values import (
    MARIADB,
    POSTGRESQL,
    POSTGRESQL_DEFINITIONS,
    SQLITE_TYPES,
    SQLITE_VALUES,
)
from tests.support import here, mariadb, postgres, raw

ZONES = ("UTC", "Europe/Berlin")
COLUMNS = sum(map(len, NAMED.values()))


def zone_of(declared: str) -> str:
    """Either, so that both are tried with many types; always the same one for a type."""
    return ZONES["time" in declared]


@pytest.mark.parametrize("vendor", ["sqlite"])
@pytest.mark.parametrize("declared", SQLITE_TYPES)
@pytest.mark.parametrize("zone", ZONES)
def test_sqlite(database: str, tmp_path: Path, declared: str, zone: str):
    if zone != "UTC" and "time" not in declared:
        return  # Nothing depends on it.
    agree(OddHost(f"sqlite:///{tmp_path}/host.sqlite3", declared, SQLITE_VALUES), zone)


@pytest.fixture(scope="module")
def defined() -> Iterator[str]:
    """A PostgreSQL database with the matrix's own types."""
    url = postgres.fresh_database()
    with raw.connect(url) as connection:
        connection.execute(POSTGRESQL_DEFINITIONS)
    yield url
    postgres.drop_database(url)


@pytest.mark.parametrize("vendor", ["postgresql"])
@pytest.mark.parametrize("declared", POSTGRESQL)
def test_postgresql(database: str, defined: str, declared: str):
    url = postgres.fresh_database(template=defined)
    agree(OddHost(url, declared, POSTGRESQL[declared]), zone_of(declared))
    postgres.drop_database(url)


@pytest.mark.system
@pytest.mark.parametrize("vendor", ["sqlite"])
@pytest.mark.parametrize("declared", MARIADB)
def test_mariadb(database: str, declared: str):
    url = mariadb.fresh_database()
    agree(OddHost(url, declared, MARIADB[declared]), zone_of(declared))
    mariadb.server().drop_database(url)


def agree(host: OddHost, zone: str) -> None:
    foretold = here.run("inspect_host", "--json", source=host.url, zone=zone).json["findings"]
    imported = here.run("import_host", "--json", source=host.url, zone=zone).json
    verified = here.run("verify", "--json", "--all", source=host.url, zone=zone, check=False).json
    counted = {label: table["quarantined"] for label, table in imported["tables"].items()}

    named = {(one["table"], one["pk"]) for one in verified["differences"]}
    withheld = WithheldRow.objects.values_list("generation__label", "row_id")
    assert {one["cause"] for one in verified["differences"]} <= {"quarantined"}
    assert named == set(withheld)
    assert counted == {label: t["quarantined"] for label, t in verified["tables"].items()}
    for label, number in counted.items():
        table = label.lower().replace(".", "_")
        rows = [f for f in foretold if (f["table"], f["kind"]) == (table, "quarantine")]
        assert sum(one["count"] for one in rows) == number, label

    every_cell_is_alike(host.url, zone)

    host.repair()
    again = here.run("import_host", "--json", source=host.url, zone=zone).json
    assert {table["quarantined"] for table in again["tables"].values()} == {0}
    assert here.run("verify", "--json", source=host.url, zone=zone).json["equal"] is True


def every_cell_is_alike(url: str, zone: str) -> None:
    importer = seen.by_the_importer()
    verifier = seen.by_the_verifier(url, None if zone == "UTC" else ZoneInfo(zone))
    compared = {place: cell for place, cell in verifier.items() if place in importer}
    assert len(compared) >= COLUMNS
    differing = {
        place: (cell, seen.as_cell(importer[place]))
        for place, cell in compared.items()
        if cell != seen.as_cell(importer[place])
    }
    assert differing == {}
    plain = seen.by_plain_sql(url, zone)
    for (label, of, key, column), value in importer.items():
        if column in NAMED[of] and value != UNFIT and of == label.lower().replace(".", "_"):
            assert seen.shows(url, value, plain[of, key, column], zone), (label, key, column, value)


def test_each_matrix_has_a_thousand_pairs_and_more():
    assert COLUMNS * len(SQLITE_TYPES) * len(SQLITE_VALUES) > 10_000
    assert COLUMNS * sum(map(len, POSTGRESQL.values())) > 5_000
    assert COLUMNS * sum(map(len, MARIADB.values())) > 2_000
