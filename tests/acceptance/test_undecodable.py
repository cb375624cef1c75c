"""One value that is not text in any encoding keeps its row out of the tables, and no other row."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.infrastructure.hosts.tiny import CONSOLIDATED, LEGACY, LEGACY_BACKUPS, TinyHost
from tests.support import checking, here, mariadb, postgres, raw

LABEL = "database_management.RestoreLog"
NOT_TEXT = r"na\303ve \351t\351"
"""In SQL: UTF-8, and after it Latin-1, as a host's scripts of twenty years leave it behind."""
ITS_BYTES = "6e61c3766520e974e9"


@pytest.fixture
def unchecked() -> Iterator[str]:
    """An empty PostgreSQL database that takes any bytes for text."""
    url = postgres.fresh_database(encoding="SQL_ASCII")
    yield url
    postgres.drop_database(url)


@pytest.fixture
def host(unchecked: str) -> TinyHost:
    tiny = TinyHost(
        unchecked, extra={LEGACY: "remark text, note varchar(90), document json, tags text[]"}
    )
    tiny.fill(12)
    return tiny


def put(host: TinyHost, table: str, column: str, key: int = 5) -> None:
    host.execute(f"UPDATE {table} SET {column} = E'{NOT_TEXT}' WHERE id = {key}")


def compared(host: TinyHost) -> tuple[int, list[tuple[str, int, str, str]]]:
    found = here.run("verify", "--json", "--all", source=host.url, check=False)
    assert found.code in (0, 1), found
    return found.code, [
        (one["table"], one["pk"], one["column"], one["cause"]) for one in found.json["differences"]
    ]


def imported(host: TinyHost) -> int:
    """Imports; how many rows of the legacy table are quarantined."""
    done = here.run("import_host", "--json", source=host.url)
    return int(done.json["tables"][LABEL]["quarantined"])


@pytest.mark.parametrize("column", ["name", "status", "message", "restore_method"])
def test_the_row_is_quarantined_until_the_host_repairs_it(
    database: str, host: TinyHost, column: str
):
    put(host, LEGACY, column)
    foretold = here.run("inspect_host", "--json", source=host.url).json["findings"]
    assert [one["keys"] for one in foretold if one["kind"] == "quarantine"] == [[5]]
    assert imported(host) == 1
    assert raw.value(database, f"SELECT count(*) FROM {LEGACY}") == 11
    assert compared(host) == (1, [(LABEL, 5, column, "quarantined")])
    assert here.run("rebuild").code == 0
    assert compared(host) == (1, [(LABEL, 5, column, "quarantined")])

    host.execute(f"UPDATE {LEGACY} SET {column} = E'na\\303\\257ve' WHERE id = 5")
    assert imported(host) == 0
    assert raw.value(database, f"SELECT {column} FROM {LEGACY} WHERE id = 5") == "naïve"
    assert compared(host) == (0, [])


def test_in_a_column_that_no_table_has_it_is_kept_and_the_row_stands(database: str, host: TinyHost):
    put(host, LEGACY, "remark")
    put(host, LEGACY, "note")
    put(host, LEGACY, "tags[2]")
    assert imported(host) == 0
    extra = raw.value(database, f"SELECT extra FROM {LEGACY} WHERE id = 5")
    assert extra.count(f'{{"$":"raw","v":"{ITS_BYTES}"}}') == 2
    assert compared(host) == (0, [])


def test_so_are_a_users_name_and_key(database: str, host: TinyHost):
    put(host, "auth_user", "username", 7)
    assert imported(host) == 0
    names = f"SELECT DISTINCT created_by_username FROM {LEGACY}"
    assert raw.rows(database, names) == [(ITS_BYTES,)]
    assert compared(host) == (0, [])


def test_a_key_of_a_user_that_is_not_text_is_shown_in_its_digits(database: str, host: TinyHost):
    host.execute(f"ALTER TABLE {LEGACY} DROP created_by_id, ADD created_by_id text")
    put(host, LEGACY, "created_by_id")
    assert imported(host) == 0
    assert raw.value(database, f"SELECT created_by_id FROM {LEGACY} WHERE id = 5") == ITS_BYTES
    assert compared(host) == (0, [])


def test_a_backup_that_has_such_a_name_is_quarantined_and_its_restores_stand(
    database: str, host: TinyHost
):
    put(host, LEGACY_BACKUPS, "database_name", 4)
    host.execute(f"UPDATE {LEGACY} SET target_database = NULL WHERE id = 4")
    assert imported(host) == 0
    assert raw.value(database, f"SELECT target_database FROM {LEGACY} WHERE id = 4") == ""
    code, differences = compared(host)
    assert code == 1
    assert {(pk, column, cause) for _, pk, column, cause in differences} == {
        (4, "database_name", "quarantined")
    }


def test_text_that_is_utf_8_is_what_it_is(database: str, host: TinyHost):
    texts = r"name = E'\342\230\203', message = E'a\tb'"
    host.execute(f"UPDATE {CONSOLIDATED} SET {texts} WHERE id = 3")
    assert imported(host) == 0
    assert raw.value(database, f"SELECT name FROM {CONSOLIDATED} WHERE id = 3") == "☃"
    assert compared(host) == (0, [])


def test_the_recipe_for_auditors_hashes_its_bytes(
    database: str, host: TinyHost, public_key: Path, tmp_path: Path
):
    put(host, LEGACY, "remark")
    put(host, CONSOLIDATED, "name")
    certificate, rows = tmp_path / "certificate.json", tmp_path / "rows.ndjson"
    imported(host)
    files = ("--certificate", str(certificate), "--export", str(rows))
    assert here.run("verify", *files, source=host.url, check=False).code == 1
    tables = json.loads(certificate.read_bytes())["certificate"]["host_tables"]
    found = checking.host_digests(host.url, tmp_path / "digests")
    assert found == {name: (table["rows"], table["digest"]) for name, table in tables.items()}


@pytest.mark.parametrize("encoding", ["WIN1250", "WIN1257"])
def test_a_byte_that_an_encoding_leaves_out_does_the_same(database: str, encoding: str):
    url = postgres.fresh_database(encoding=encoding)
    host = TinyHost(url, extra={LEGACY: 'remark text, "größe" text'})
    host.fill(12)
    host.execute(f"UPDATE {LEGACY} SET name = 'Größe Ł €', \"größe\" = 'ß' WHERE id = 4")
    host.execute(f"UPDATE {LEGACY} SET remark = E'\\344\\201' WHERE id = 6")
    host.execute("UPDATE auth_user SET username = E'\\344\\201' WHERE id = 7")
    assert imported(host) == 0
    name = raw.value(database, f"SELECT name FROM {LEGACY} WHERE id = 4")
    assert name == raw.value(url, f"SELECT name FROM {LEGACY} WHERE id = 4") == "Größe Ł €"
    extra = raw.value(database, f"SELECT extra FROM {LEGACY} WHERE id = 6")
    assert json.loads(extra) == {"remark": {"$": "raw", "v": "e481"}, "größe": None}
    names = f"SELECT DISTINCT created_by_username FROM {LEGACY}"
    assert raw.rows(database, names) == [("e481",)]
    assert compared(host) == (0, [])

    host.execute(f"UPDATE {LEGACY} SET name = E'\\344\\201' WHERE id = 5")
    assert imported(host) == 1
    assert compared(host) == (1, [(LABEL, 5, "name", "quarantined")])
    host.execute(f"UPDATE {LEGACY} SET name = 'x' WHERE id = 5")
    assert imported(host) == 0
    assert compared(host) == (0, [])
    postgres.drop_database(url)


@pytest.mark.system
@pytest.mark.parametrize("vendor", ["sqlite"])
@pytest.mark.parametrize(
    ("charset", "value"),
    [
        ("utf8mb4", "_utf8mb4 x'61EDA080'"),
        ("utf8mb3", "_utf8mb3 x'61EDA080'"),
        ("ucs2", "_ucs2 x'0061D800'"),
    ],
)
def test_half_a_pair_in_mariadb_does_the_same(database: str, charset: str, value: str):
    url = mariadb.fresh_database()
    host = TinyHost(url, extra={LEGACY: f"remark varchar(9) CHARACTER SET {charset}"})
    host.fill(12)
    host.execute(f"ALTER TABLE {LEGACY} MODIFY name varchar(255) CHARACTER SET {charset}")
    host.execute(f"ALTER TABLE auth_user MODIFY username varchar(150) CHARACTER SET {charset}")
    host.execute(f"UPDATE {LEGACY} SET remark = {value} WHERE id = 4")
    host.execute(f"UPDATE auth_user SET username = {value} WHERE id = 7")
    assert imported(host) == 0
    assert compared(host) == (0, [])
    extra = raw.value(database, f"SELECT extra FROM {LEGACY} WHERE id = 4")
    assert extra == '{"remark":{"$":"raw","v":"61eda080"}}'
    names = f"SELECT DISTINCT created_by_username FROM {LEGACY}"
    assert raw.rows(database, names) == [("61eda080",)]

    host.execute(f"UPDATE {LEGACY} SET name = {value} WHERE id = 5")
    assert imported(host) == 1
    assert compared(host) == (1, [(LABEL, 5, "name", "quarantined")])
    host.execute(f"UPDATE {LEGACY} SET name = 'x' WHERE id = 5")
    assert imported(host) == 0
    assert compared(host) == (0, [])
    mariadb.server().drop_database(url)


@pytest.mark.system
@pytest.mark.parametrize("vendor", ["sqlite"])
@pytest.mark.parametrize("charset", ["latin1", "utf8mb3"])
def test_text_of_other_character_sets_is_text(database: str, charset: str):
    url = mariadb.fresh_database()
    host = TinyHost(url)
    host.fill(12)
    host.execute(f"ALTER TABLE {LEGACY} MODIFY name varchar(255) CHARACTER SET {charset}")
    host.execute(f"UPDATE {LEGACY} SET name = _latin1 x'e981' WHERE id = 5")
    assert imported(host) == 0
    assert raw.value(database, f"SELECT name FROM {LEGACY} WHERE id = 5") == "é\x81"
    assert compared(host) == (0, [])
    mariadb.server().drop_database(url)
