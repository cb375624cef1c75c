"""The sample host in all its variants, and the command as its users run it."""

import pytest

from tests.infrastructure.hosts.tiny import LEGACY, TinyHost
from tests.sample_host import make_host, start_host
from tests.support import here, raw
from tests.support.service import run

ENV = {"DEBUG": "1"}
TABLES = {
    "database_management.BackupLog": "database_management_backuplog",
    "system_backups.BackupLog": "system_backups_backuplog",
    "database_management.RestoreLog": "database_management_restorelog",
    "system_backups.RestoreLog": "system_backups_restorelog",
}


ON_SQLITE = pytest.mark.parametrize("vendor", ["sqlite"])
"""What is tested is the host; the service need not be on every database as well."""


@ON_SQLITE
@pytest.mark.parametrize(
    ("variant", "time_zone"),
    [
        *((variant, None) for variant in ("standard", "origin", "bare", "strange")),
        ("standard", "Europe/Berlin"),
    ],
)
def test_every_row_of_a_sample_host(variant, time_zone, host_url, import_from):
    make_host(host_url, rows=120, quarantine=3, variant=variant, time_zone=time_zone)
    report = import_from(host_url, zone=time_zone or "UTC")
    for label, table in TABLES.items():
        rows = raw.value(host_url, f"SELECT count(*) FROM {table}")
        assert (report.tables[label].rows, report.tables[label].imported) == (rows, rows)
    assert import_from(host_url, zone=time_zone or "UTC").events == 0


def test_the_command(database, host_url):
    make_host(host_url, rows=50)
    first = run("import_host", "--json", database=database, source=host_url, env=ENV).json
    assert (
        first["events"]
        == first["position"]
        == 3 + sum(table["rows"] for table in first["tables"].values())
    )
    assert set(first["tables"]["system_backups.RestoreLog"]) == {
        "rows", "imported", "unchanged", "changed", "reinterpreted", "deleted", "quarantined",
    }  # fmt: skip
    again = run("import_host", "--source", host_url, database=database, env=ENV)
    assert "0 events recorded" in again.out


def test_the_command_counts_in_good_grammar(database, sqlite_url):
    tiny = TinyHost(sqlite_url)
    tiny.add(LEGACY, 1)
    first = here.run("import_host", source=sqlite_url).out
    assert "database_management.RestoreLog: 1 row, 1 imported" in first
    assert "4 events recorded" in first
    tiny.add(LEGACY, 2)
    assert "\n1 event recorded" in here.run("import_host", source=sqlite_url).out


def test_the_command_says_in_one_line_why_it_could_not(database, tmp_path):
    nowhere = "postgres://me:s3cret@127.0.0.1:1/host"
    failed = run("import_host", "--json", database=database, source=nowhere, env=ENV, check=False)
    assert (failed.code, failed.out, failed.err.count("\n")) == (2, "", 1)
    assert "s3cret" not in failed.err
    failed = run("import_host", database=database, env=ENV, check=False)
    assert (failed.code, "SOURCE_DATABASE_URL" in failed.err) == (2, True)


@ON_SQLITE
def test_importing_while_the_host_writes_ends_up_with_all_of_it(host_url, import_from):
    make_host(host_url, rows=50)
    writer = start_host("write", host_url, "--seconds=3")
    imports = [import_from(host_url, allow_deletions=1000)]
    while writer.poll() is None:
        imports.append(import_from(host_url, allow_deletions=1000))
    assert writer.communicate()[1] == ""
    imports.append(import_from(host_url, allow_deletions=1000))
    assert len(imports) > 2
    assert sum(report.events for report in imports[1:]) > 0
    assert import_from(host_url).events == 0
    for label, table in TABLES.items():
        rows = raw.value(host_url, f"SELECT count(*) FROM {table}")
        assert sum(r.tables[label].imported - r.tables[label].deleted for r in imports) <= rows
        assert imports[-1].tables[label].rows == rows
