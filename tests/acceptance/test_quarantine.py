"""Rows that a table cannot hold: foretold, counted, kept in the log, left out of the table."""

import json
from pathlib import Path
from uuid import UUID

import pytest

from infrastructure.event_store.log import Log
from infrastructure.recording import restores
from projections.engine.catch_up import catch_up
from projections.verification.expected.violations import FORM
from tests.sample_host.build import make_host
from tests.support import here, raw
from tests.support.service import Result

LEGACY = "database_management.RestoreLog"
CONSOLIDATED = "system_backups.RestoreLog"
TABLE = "database_management_restorelog"
NO_TIME = f"not a time like {FORM}"
TOO_LONG = "300 characters, and the column holds 255"
REASONS = {
    "sqlite": [
        ("name", TOO_LONG),
        ("started_at", NO_TIME),
        ("completed_at", NO_TIME),
        ("message", "a NUL character"),
        ("target_database", "101 characters, and the column holds 100"),
        ("created_at", NO_TIME),
        ("duration_seconds", "a number that is not between 0 and 2147483647"),
        ("message", "not text"),
    ],
    "postgresql": [
        (column, NO_TIME) for column in ("completed_at", "started_at", "started_at", "created_at")
    ],
    "mariadb": [
        ("started_at", NO_TIME),
        ("completed_at", NO_TIME),
        ("message", "a NUL character"),
    ],
}
"""Why, of the rows that each database lets in although no projection can hold them."""


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


def reasons(certificate: Path, table: str = LEGACY) -> list[tuple[str, str]]:
    """Why rows of this table are kept out of it, by a certificate."""
    rows = json.loads(certificate.read_text())["certificate"]["quarantined"]["rows"]
    return [(row["column"], row["reason"]) for row in rows if row["table"] == table]


def shown(verified: Result) -> list[tuple[str, int, str, object]]:
    """What keeps rows out of the tables, by a verification."""
    rows = verified.json["differences"]
    return [(row["table"], row["pk"], row["column"], row["expected"]) for row in rows]


def test_their_reasons_are_the_same_after_the_migration_was_retired(
    database: str, empty_host: str, host_vendor: str, public_key: Path, tmp_path: Path
):
    why = REASONS[host_vendor]
    make_host(empty_host, rows=20, odd_rows=False, quarantine=len(why))
    here.run("import_host", source=empty_host)
    accepting = ("--yes", "--reason", "odd", "--accept-quarantined", str(len(why)))
    files = ("--certificate", str(tmp_path / "cut.json"), "--snapshot", str(tmp_path / "cut.db"))
    here.run("cut_over", *accepting, *files, source=empty_host)
    before = here.run("verify", "--json", source=empty_host, check=False)
    assert all(value is not None for *_, value in shown(before))

    here.run(
        "retire", *accepting, *("--certificate", str(tmp_path / "end.json")), source=empty_host
    )
    assert reasons(tmp_path / "end.json") == why
    after = tmp_path / "after.json"
    verified = here.run(
        "verify", "--json", "--certificate", str(after), source=empty_host, check=False
    )
    assert shown(verified) == shown(before)
    assert reasons(after) == reasons(after, CONSOLIDATED) == why
    said = here.run("verify", source=empty_host, check=False)
    assert said.code == 1
    assert said.out.count("quarantined (retired)\n") == 2 * len(why)
    assert said.out.count("no action is needed") == 1
    assert "import_host" not in said.out


def test_two_rows_are_accepted_as_two_and_listed_by_table(
    database: str, public_key: Path, tmp_path: Path
):
    host = f"sqlite:///{tmp_path / 'host.sqlite3'}"
    make_host(host, rows=20, odd_rows=False, quarantine=1)
    name = "UPDATE system_backups_restorelog SET name = ? WHERE id = 7"
    assert raw.execute(host, name, ["n" * 300]) == 1
    here.run("import_host", source=host)
    files = ("--certificate", str(tmp_path / "cut.json"), "--snapshot", str(tmp_path / "cut.db"))
    accepting = ("--yes", "--reason", "odd", "--accept-quarantined", "2")
    here.run("cut_over", *accepting, *files, source=host)
    content = json.loads((tmp_path / "cut.json").read_text())["certificate"]
    assert (content["equal"], content["quarantined"]["count"]) == (True, 2)

    found = here.run("verify", "--json", source=host, check=False)
    assert (found.code, found.json["equal"]) == (1, False)
    assert [(table, column) for table, _, column, _ in shown(found)] == [
        (LEGACY, "name"),
        (CONSOLIDATED, "name"),
        (CONSOLIDATED, "name"),
    ]


def test_a_row_that_was_amended_to_what_no_column_holds_is_to_be_amended_again(
    database: str, host: str, public_key: Path, tmp_path: Path
):
    here.run("import_host", source=host)
    pk, stream = raw.rows(database, f"SELECT id, restore_id FROM {TABLE} ORDER BY id LIMIT 1")[0]
    restores.amend_restore(
        Log(), UUID(str(stream)), {"name": "n" * 300}, actor="ada", reason="typo"
    )
    catch_up()
    certificate = tmp_path / "verified.json"
    said = here.run("verify", "--certificate", str(certificate), source=host, check=False)
    assert reasons(certificate) == [("name", TOO_LONG)]
    (line,) = [line for line in said.out.splitlines() if line.startswith(f"{LEGACY} {pk} ")]
    assert line == (f"{LEGACY} {pk} name: '{'n' * 59}… (302 characters): quarantined (here)")
    assert (
        "quarantined (here): the column cannot hold the value recorded here: amend the restore "
        "again. No command does this: see docs/how-to/verify.md\n"
    ) in said.out
