"""An auditor hashes the host without the service, and gets the digests that it certifies."""

import json
from hashlib import sha256
from pathlib import Path

import pytest

from tests.sample_host.build import make_host
from tests.support import checking, here, postgres, raw

ODD = """
    ALTER TABLE database_management_restorelog
        ADD COLUMN "a ""quoted"" column" char(5),
        ADD COLUMN "per%cent" inet, ADD COLUMN moment timestamptz, ADD COLUMN local timestamp,
        ADD COLUMN "day" date, ADD COLUMN clock timetz, ADD COLUMN bits bit(3),
        ADD COLUMN bytes bytea, ADD COLUMN numbers int[], ADD COLUMN small smallint,
        ADD COLUMN exact numeric, ADD COLUMN rough real, ADD COLUMN rougher double precision,
        ADD COLUMN yes boolean, ADD COLUMN document jsonb, ADD COLUMN span interval,
        ADD COLUMN gone text;
    ALTER TABLE database_management_restorelog DROP COLUMN gone;
    UPDATE database_management_restorelog SET
        "a ""quoted"" column" = 'x', "per%cent" = '10.0.0.1/8',
        moment = '2024-03-31 01:30:00.5+01', local = '2024-03-31 02:30:00', "day" = '2024-02-29',
        clock = '12:00+02', bits = '101', bytes = '\\x00ff', numbers = '{1,NULL,3}', small = -1,
        exact = 'NaN', rough = 0.1, rougher = 1e300, yes = id % 2 = 0,
        document = '{"b": 1.50, "a": "ü"}', span = '1 mon 2 days 03:04:05.06';
    UPDATE database_management_restorelog SET moment = 'infinity', local = '0044-03-15 BC',
        exact = 1.500, rougher = 'Infinity', bytes = '' WHERE id = (SELECT min(id) FROM
        database_management_restorelog);
    UPDATE database_management_restorelog SET moment = '10000-01-01 00:00:00.5+00',
        local = '0001-01-01 00:00:00.000001' WHERE id = (SELECT max(id) FROM
        database_management_restorelog)
"""

ODD_IN_MARIADB = (
    """ALTER TABLE database_management_restorelog
        ADD COLUMN `a ``quoted`` column` char(5), ADD COLUMN bits bit(11),
        ADD COLUMN bytes binary(4), ADD COLUMN more varbinary(9), ADD COLUMN rough float,
        ADD COLUMN rougher double, ADD COLUMN exact decimal(20, 5), ADD COLUMN moment timestamp(6)
        NULL, ADD COLUMN local datetime, ADD COLUMN `day` date, ADD COLUMN clock time(3),
        ADD COLUMN spring year, ADD COLUMN document json, ADD COLUMN word enum('ä', 'b'),
        ADD COLUMN latin varchar(9) CHARACTER SET latin1 COLLATE latin1_german1_ci,
        ADD COLUMN binary_order varchar(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
        ADD COLUMN large bigint unsigned""",
    """UPDATE database_management_restorelog SET
        `a ``quoted`` column` = 'x', bits = b'101', bytes = X'00ff', more = X'00ff', rough = 0.1,
        rougher = 1e300, exact = 1.5, moment = '2024-03-31 01:30:00.5', local =
        '2024-03-31 02:30:00', `day` = '2024-02-29', clock = '-12:00:00.5', spring = 2024,
        document = '{"b": 1.50, "a": "ü"}', word = 'ä', latin = 'ü', binary_order = 'ü',
        large = 18446744073709551615""",
)


@pytest.mark.parametrize("variant", ["standard", "origin", "strange", "bare"])
def test_the_recipe_gives_the_digests_that_the_certificate_names(
    database: str, empty_host: str, variant: str, public_key: Path, tmp_path: Path
):
    make_host(empty_host, rows=150, seed=7, variant=variant)
    assert_certified(empty_host, public_key, tmp_path)


@pytest.mark.parametrize("vendor", ["sqlite"], indirect=True)
@pytest.mark.parametrize("host_vendor", ["postgresql"], indirect=True)
def test_so_it_does_for_columns_of_every_type(
    database: str, empty_host: str, public_key: Path, tmp_path: Path
):
    make_host(empty_host, rows=40, seed=7)
    raw.execute(empty_host, ODD)
    assert_certified(empty_host, public_key, tmp_path)


@pytest.mark.system
@pytest.mark.parametrize("vendor", ["sqlite"], indirect=True)
@pytest.mark.parametrize("host_vendor", ["mariadb"], indirect=True)
def test_so_it_does_for_columns_of_every_type_of_mariadb(
    database: str, empty_host: str, public_key: Path, tmp_path: Path
):
    make_host(empty_host, rows=40, seed=7)
    for statement in ODD_IN_MARIADB:
        raw.execute(empty_host, statement)
    assert_certified(empty_host, public_key, tmp_path)


@pytest.mark.parametrize("vendor", ["sqlite"], indirect=True)
@pytest.mark.parametrize("host_vendor", ["sqlite"], indirect=True)
def test_so_it_does_for_what_sqlite_stores_under_any_type(
    database: str, empty_host: str, public_key: Path, tmp_path: Path
):
    make_host(empty_host, rows=40, seed=7)
    raw.execute(empty_host, "ALTER TABLE database_management_restorelog ADD COLUMN whatever")
    for number, value in enumerate(
        ("CAST(X'66fc72' AS TEXT)", "X'66fc72'", "0.1", "9e999", "2", "'2'", "'a' || char(0)")
    ):
        raw.execute(
            empty_host,
            f"UPDATE database_management_restorelog SET whatever = {value} WHERE id ="
            f" (SELECT id FROM database_management_restorelog LIMIT 1 OFFSET {number})",
        )
    assert_certified(empty_host, public_key, tmp_path)


def assert_certified(host: str, public_key: Path, folder: Path) -> None:
    certificate, digests = folder / "certificate.json", folder / "digests"
    rows = folder / "rows.ndjson"
    here.run("import_host", source=host)
    here.run("verify", "--certificate", str(certificate), "--export", str(rows), source=host)
    tables = json.loads(certificate.read_bytes())["certificate"]["host_tables"]
    found = checking.host_digests(host, digests)
    assert found == {name: (table["rows"], table["digest"]) for name, table in tables.items()}
    checked = checking.check(certificate, public_key, "--rows", rows, "--host-digests", digests)
    assert (checked.code, checked.err) == (0, "")
    assert "the host's own digests" in checked.out
    assert "hashed again" in checked.out


@pytest.mark.parametrize("vendor", ["sqlite"], indirect=True)
def test_a_host_that_was_changed_since_is_told_from_the_certified_one(
    database: str, host: str, public_key: Path, tmp_path: Path
):
    certificate, digests = tmp_path / "certificate.json", tmp_path / "digests"
    here.run("import_host", source=host)
    here.run("verify", "--certificate", str(certificate), source=host)
    raw.execute(host, "UPDATE system_backups_restorelog SET name = 'x' WHERE name <> 'x'")
    checking.host_digests(host, digests)
    checked = checking.check(certificate, public_key, "--host-digests", digests)
    assert checked.code == 1
    assert "system_backups_restorelog" in checked.out


def test_the_recipe_is_what_its_description_says(tmp_path: Path):
    """Worked out by hand from docs/recipes/README.md, on the smallest host that there could be."""
    file = tmp_path / "host.sqlite3"
    raw.execute(f"sqlite:///{file}", "CREATE TABLE system_backups_restorelog (id, a, b, c, d)")
    raw.execute(
        f"sqlite:///{file}",
        "INSERT INTO system_backups_restorelog"
        " VALUES (10, NULL, 'ü', 2.5, X'00FF'), (9, '', 1, 2, 3)",
    )
    nine = sha256(b"i1:9t0:i1:1i1:2i1:3").digest()
    ten = sha256("i2:10-t2:üf3:2.5x4:00ff".encode()).digest()
    found = checking.host_digests(f"sqlite:///{file}", tmp_path / "digests")
    assert found == {"system_backups_restorelog": (2, sha256(nine + ten).hexdigest())}


def test_the_recipe_for_postgresql_is_what_its_description_says(tmp_path: Path):
    url = postgres.fresh_database()
    raw.execute(
        url,
        "CREATE TABLE system_backups_restorelog"
        " (id bigint, a text, b text, c float8, d bytea, e boolean, f timestamptz)",
    )
    raw.execute(
        url,
        "INSERT INTO system_backups_restorelog VALUES"
        " (10, NULL, 'ü', 2.5, '\\x00ff', true, '2024-05-01 12:00+02'),"
        " (9, '', 'b', 1, '', false, 'infinity')",
    )
    nine = sha256(b"i1:9t0:t1:bt1:1x0:b1:0t8:infinity").digest()
    ten = sha256("i2:10-t2:üt3:2.5x4:00ffb1:1t26:2024-05-01T10:00:00.000000".encode()).digest()
    found = checking.host_digests(url, tmp_path / "digests")
    assert found == {"system_backups_restorelog": (2, sha256(nine + ten).hexdigest())}
    postgres.drop_database(url)


def test_a_file_that_is_no_database_is_refused_in_one_line_and_not_made(tmp_path: Path):
    notes = tmp_path / "notes.txt"
    notes.write_text("not a database, but long enough to look like one\n" * 20)
    missing = tmp_path / "missing.sqlite3"
    for file, why in ((missing, "unable to open"), (notes, "file is not a database")):
        done = checking.recipe("sqlite", file)
        assert (done.code, done.out) == (2, "")
        assert len(done.err.splitlines()) == 1
        assert f"{file} cannot be read: {why}" in done.err
    assert not missing.exists()


def test_a_client_that_is_not_there_is_named():
    done = checking.recipe("mysql", "--client", "/nowhere/mariadb", "--", "product")
    assert (done.code, done.out) == (2, "")
    assert done.err == "There is no program /nowhere/mariadb; name the client with --client.\n"
