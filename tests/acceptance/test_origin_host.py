"""A host of the product behind the plan goes the whole way, and every value shown is its own."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.origin import assert_the_logs_own, due, shown
from tests.sample_host.build import make_host
from tests.support import here, raw
from tests.support.checking import check_here

pytestmark = pytest.mark.all_pairs

LEGACY = "database_management.RestoreLog"
ROWS = 150

WRITTEN_MEANWHILE = (
    "UPDATE database_management_restorelog SET is_overwrite = NOT is_overwrite,"
    " updated_at = '2025-11-02 03:04:05.000006' WHERE id % 7 = 0",
    "UPDATE database_management_restorelog SET target_database = '' WHERE id % 11 = 0",
    "UPDATE system_backups_backuplog SET local_path = NULL, file_size = 77 WHERE id % 3 = 0",
    "UPDATE system_backups_backuplog SET cloud_url = 's3://elsewhere/ü', expiry_date ="
    " '2027-01-31' WHERE id % 5 = 0",
    "UPDATE database_management_backuplog SET file_size = 0, file_path = NULL WHERE id % 4 = 0",
    "UPDATE users_user SET username = 'somebody else' WHERE id = 4",
)
"""What the host's own code does between the cut-over and the roll-back."""


@pytest.fixture
def host(empty_host: str) -> str:
    """The URL of an origin host, with every odd row."""
    make_host(empty_host, rows=ROWS, seed=9, variant="origin")
    return empty_host


class Journey:
    """The commands of a migration, as an operator types them, and a look at the tables."""

    def __init__(self, service: str, host: str, key: Path, folder: Path) -> None:
        self.service, self.host, self.key, self.folder = service, host, key, folder
        self.steps = 0

    def run(self, *arguments: str) -> Any:
        return here.run(*arguments, "--json", source=self.host).json

    def step(self, *arguments: str) -> Any:
        """A step that writes a certificate, which an auditor then checks: the file's content."""
        self.steps += 1
        file = self.folder / f"{self.steps}.json"
        saved = (
            [f"--snapshot={self.folder / f'{self.steps}.sqlite3'}"]
            if "cut_over" in arguments
            else []
        )
        rows = self.folder / f"{self.steps}.ndjson"
        self.run(*arguments, "--yes", f"--certificate={file}", f"--export={rows}", *saved)
        checked = check_here(file, "--public-key", self.key, "--rows", rows)
        assert (checked.code, checked.err, "genuine" in checked.out) == (0, "", True)
        return json.loads(file.read_text())["certificate"]

    def assert_the_hosts_own(self, *, cut_over: bool) -> None:
        """`verify` says equal, and so says plain SQL of every value of every row."""
        found = self.run("verify")
        assert (found["equal"], found["differences"]) == (True, [])
        tables, hosts = shown(self.service), due(self.host, cut_over=cut_over)
        for name, rows in hosts.items():
            assert tables[name].keys() == rows.keys()
            for key, row in rows.items():
                assert (name, key, tables[name][key]) == (name, key, row)
        assert_the_logs_own(self.service)


def test_the_whole_way_shows_the_hosts_own_values(
    database: str, host: str, public_key: Path, tmp_path: Path
):
    way = Journey(database, host, public_key, tmp_path)
    findings = way.run("inspect_host")["findings"]
    kinds = [finding["kind"] for finding in findings if finding["kind"].startswith("column_")]
    assert kinds == ["column_by_another_name"] * 3
    report = way.run("import_host")
    assert [table["quarantined"] for table in report["tables"].values()] == [0, 0, 0, 0]
    way.assert_the_hosts_own(cut_over=False)

    certificate = way.step("cut_over")
    assert certificate["equal"] is True
    way.assert_the_hosts_own(cut_over=True)
    overwriting = raw.value(
        host, "SELECT count(*) FROM database_management_restorelog WHERE is_overwrite"
    )
    assert overwriting > 0
    shows = (
        "SELECT count(*) FROM system_backups_restorelog WHERE is_overwrite AND origin = 'legacy'"
    )
    assert raw.value(database, shows) == overwriting

    for statement in WRITTEN_MEANWHILE:
        raw.execute(host, statement)
    way.run("import_host")
    way.assert_the_hosts_own(cut_over=True)

    assert way.run("roll_back", "--yes", "--reason", "a look back")["unrepresentable"] == []
    way.assert_the_hosts_own(cut_over=False)
    assert way.step("cut_over")["equal"] is True
    way.assert_the_hosts_own(cut_over=True)
    assert way.step("retire", "--reason", "all is here")["equal"] is True
    way.assert_the_hosts_own(cut_over=True)


def test_its_columns_are_chosen_without_a_question_and_that_is_an_event(database: str, host: str):
    report = here.run("import_host", source=host)
    state = raw.value(
        database,
        "SELECT state FROM event_store_event WHERE topic = 'consolidation.ColumnsChosen'",
    )
    chosen = json.loads(bytes(state))["columns"]
    proposed = {
        (label, target): choice["sources"]
        for label, targets in chosen.items()
        for target, choice in targets.items()
        if choice["how"] == "proposed"
    }
    assert proposed == {
        ("database_management.BackupLog", "size_bytes"): ["file_size"],
        ("system_backups.BackupLog", "size_bytes"): ["file_size"],
        ("system_backups.BackupLog", "file_path"): ["local_path", "cloud_url"],
    }
    for said in ("size_bytes", "file_size", "local_path", "cloud_url"):
        assert said in report.out


def test_the_certificate_counts_what_was_assumed_and_nothing_else(
    database: str, host: str, public_key: Path, tmp_path: Path
):
    here.run("import_host", source=host)
    way = Journey(database, host, public_key, tmp_path)
    certificate = way.step("cut_over")
    assert certificate["assumptions"] == [
        {"table": LEGACY, "column": "restore_type", "value": "database", "rows": ROWS}
    ]
    assert way.run("verify")["assumptions"] == certificate["assumptions"]
