"""A log of before there were choices of columns: not equal and why, corrected by events, equal."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connections

from tests.conftest import use
from tests.old_logs.load import load_host, load_log
from tests.support import here, postgres, raw

CORRECTED = {"plan": 9, "origin": 17}
"""Events of the first import after the upgrade: two of them settle how the host is read."""


@pytest.fixture
def empty(vendor: str, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database; Django's default connection is on it."""
    sqlite = f"sqlite:///{tmp_path / 'service.sqlite3'}"
    url = sqlite if vendor == "sqlite" else postgres.fresh_database()
    use(url)
    yield url
    connections.close_all()
    if vendor == "postgresql":
        postgres.drop_database(url)


@pytest.mark.parametrize("state", ["imported", "cut_over"])
@pytest.mark.parametrize("host", ["plan", "origin"])
def test_the_next_import_corrects_what_the_old_code_recorded(
    empty: str, tmp_path: Path, host: str, state: str
):
    load_log(host, state, empty)
    source = load_host(host, tmp_path / "host.sqlite3")
    here.run("migrate", "--verbosity=0")
    before = here.run("verify", "--json", source=source, check=False)
    assert before.code == 1
    assert before.json["equal"] is False
    assert "does not record yet how the host's columns and times are read" in before.json["problem"]

    positions = [one["position"] for one in here.run("projections", "--json").json["projections"]]
    would = here.run("import_host", "--json", "--dry-run", source=source).json
    report = here.run("import_host", "--json", source=source).json
    assert would["events"] == report["events"]
    assert would["tables"] == {
        label: {**table, "quarantined": 0} for label, table in report["tables"].items()
    }
    assert would["position"] == max(positions)
    assert report["events"] == CORRECTED[host]
    assert sum(table["reinterpreted"] for table in report["tables"].values()) == CORRECTED[host] - 2
    assert {table["changed"] for table in report["tables"].values()} == {0}
    after = here.run("verify", "--json", source=source)
    assert after.json["equal"] is True
    assert here.run("import_host", "--json", source=source).json["events"] == 0
    if host == "origin":
        assert_the_hosts_own_values_stand_there(empty, source, everywhere=state == "cut_over")


def assert_the_hosts_own_values_stand_there(empty: str, source: str, *, everywhere: bool) -> None:
    amended = {
        row
        for (row,) in raw.rows(
            empty,
            "SELECT id FROM system_backups_restorelog WHERE amended LIKE '%is_overwrite%'",
        )
    }
    theirs = dict(raw.rows(source, "SELECT id, is_overwrite FROM database_management_restorelog"))
    ours = dict(
        raw.rows(
            empty, "SELECT id, is_overwrite FROM system_backups_restorelog WHERE origin = 'legacy'"
        )
    )
    expected = {10**12 + key: bool(flag) for key, flag in theirs.items()} if everywhere else {}
    assert ours.keys() == expected.keys()
    assert {k: bool(v) for k, v in ours.items() if k not in amended} == {
        k: v for k, v in expected.items() if k not in amended
    }
    sizes = "SELECT id, {} FROM database_management_backuplog ORDER BY id"
    assert raw.rows(empty, sizes.format("size_bytes")) == raw.rows(
        source, sizes.format("file_size")
    )


def test_a_rebuild_alone_makes_no_old_log_equal(empty: str, tmp_path: Path):
    load_log("origin", "imported", empty)
    source = load_host("origin", tmp_path / "host.sqlite3")
    here.run("migrate", "--verbosity=0")
    here.run("rebuild")
    paper = tmp_path / "certificate.json"
    done = here.run("verify", f"--certificate={paper}", source=source, check=False)
    assert done.code == 1
    content = json.loads(paper.read_text())["certificate"]
    assert content["equal"] is False
    assert any(problem.endswith("To record it: import") for problem in content["problems"])
