"""What inspect_host tells about a host."""

import pytest

from infrastructure.hosts.inspecting.inspection import inspect_host
from tests.infrastructure.hosts.tiny import CONSOLIDATED, LEGACY, TinyHost
from tests.sample_host import make_host
from tests.support import here
from tests.support.service import run

pytestmark = pytest.mark.parametrize("vendor", ["sqlite"])


def kinds(found, table):
    return {finding.kind: finding for finding in found.findings if finding.table == table}


def test_odd_rows_are_found_with_their_ids(host_url, database):
    tiny = TinyHost(host_url, extra={LEGACY: "compression varchar(9)"})
    tiny.fill(4)
    tiny.add(LEGACY, 10, started_at="2021-01-02 00:00:00", completed_at="2021-01-01 00:00:00")
    tiny.add(LEGACY, 11, status="exploded")
    key = tiny.types["key"]
    tiny.execute(f"CREATE TABLE review (restore_id {key} REFERENCES {CONSOLIDATED} (id))")
    before = tiny.dump()
    found = inspect_host(host_url)
    assert tiny.dump() == before
    legacy = kinds(found, LEGACY)
    assert legacy["completed_before_started"].keys == [10]
    assert (legacy["unusual_status"].count, legacy["unusual_status"].keys) == (1, [11])
    assert (legacy["no_backup"].count, legacy["no_backup"].keys) == (2, [3, 4])
    assert "compression" in legacy["further_column"].message
    assert "review.restore_id" in kinds(found, CONSOLIDATED)["inbound_foreign_key"].message
    assert found.tables["database_management.RestoreLog"]["rows"] == 6


def test_local_times_that_were_never_speak_against_the_zone(sqlite_url, database):
    TinyHost(sqlite_url).add(LEGACY, 1, started_at="2021-03-28 02:30:00")
    assert "time_without_zone" in kinds(inspect_host(sqlite_url), LEGACY)
    found = kinds(inspect_host(sqlite_url, zone="Europe/Berlin"), LEGACY)
    assert found["unsure_local_time"].keys == [1]


def test_a_judge_predicts_what_will_be_quarantined(sqlite_url, database):
    def judge(event):
        return [("name", "too long")] if len(event.columns["name"] or "") > 3 else []

    TinyHost(sqlite_url).add(LEGACY, 1)
    found = kinds(inspect_host(sqlite_url, judge=judge), LEGACY)
    assert found["quarantine"].message == "name: too long"


def test_what_is_printed_names_the_rows_and_says_when_there_are_more(host_url, database):
    tiny = TinyHost(host_url)
    tiny.add(LEGACY, 1, status="exploded")
    for key in range(2, 8):
        tiny.add(CONSOLIDATED, key, source_backup_id=99)
    out = here.run("inspect_host", source=host_url).out
    assert "database_management.RestoreLog: 1 row, " in out
    assert "system_backups.RestoreLog: 6 rows, " in out
    assert f"{LEGACY}: 1 × status is 'exploded' (id 1)\n" in out
    orphans = f"{CONSOLIDATED}: 6 × source_backup_id names no row of system_backups_backuplog"
    assert f"{orphans} (id 2, 3, 4, 5, 6…)\n" in out


def test_what_is_said_of_many_columns_is_one_line(host_url, database):
    tiny = TinyHost(host_url, extra={LEGACY: 'compression varchar(9), "a column" int'})
    tiny.fill(3)
    out = here.run("inspect_host", source=host_url).out
    assert f"\n{LEGACY}: kept in `extra`: compression, a column\n" in out
    assert f"{CONSOLIDATED}: kept in" not in out
    zones = [line for line in out.splitlines() if "SOURCE_TIME_ZONE" in line]
    assert len(zones) == len({line.partition(":")[0] for line in zones})
    assert out.endswith("An import takes less than a second.\n")


def test_what_is_about_a_table_has_no_count(host_url, database):
    tiny = TinyHost(host_url)
    key = tiny.types["key"]
    tiny.execute(f"CREATE TABLE review (restore_id {key} REFERENCES {LEGACY} (id))")
    out = here.run("inspect_host", source=host_url).out
    assert f"\n{LEGACY}: is referenced by review.restore_id\n" in out


def test_the_command(host_url, database):
    make_host(host_url, rows=60, quarantine=2)
    result = run(
        "inspect_host", "--json", database=database, source=host_url, env={"DEBUG": "1"}
    ).json
    assert result["tables"]["system_backups.RestoreLog"]["rows"] > 0
    assert {finding["kind"] for finding in result["findings"]} >= {"inbound_foreign_key"}
