"""What an operator reads at the terminal: lists, one restore, the trail, the projections."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from domain.events import Metadata
from domain.restores.events import RestoreAmended, RestoreChangedInHost
from domain.restores.values import BackupRef
from infrastructure.event_store.codec import new_event
from infrastructure.event_store.log import Log
from tests.builders import (
    NOON,
    OFFSET,
    backup_registered,
    completed,
    imported,
    legacy_columns,
    minutes,
    requested,
    started,
    stream,
)
from tests.support import here


@pytest.fixture
def history(database: str) -> None:
    """Restore 1 ran here; restore 2 is a host's, failed later, was amended; 3 is pending."""
    changed = imported(2, key=5)
    events: list[Any] = [
        requested(1),
        started(1),
        completed(1),
        imported(2, key=5),
        RestoreChangedInHost(
            originator_id=stream(2),
            originator_version=2,
            metadata=Metadata(actor="import"),
            origin=changed.origin,
            legacy_id=5,
            consolidated_id=OFFSET + 5,
            columns=legacy_columns(5, status="failed"),
            derived={},
            assumed=changed.assumed,
            sources={},
            backup=None,
            username="ada",
        ),
        RestoreAmended(
            originator_id=stream(2),
            originator_version=3,
            metadata=Metadata(actor="grace", reason="asked the DBA"),
            amended_at=NOON,
            changes={"message": "disk was full"},
            backup=None,
        ),
        requested(3, requested_at=NOON + minutes(60)),
    ]
    Log().append([new_event(event) for event in events])
    here.run("project")


@pytest.mark.usefixtures("history")
class TestCommands:
    def test_restores_lists_the_consolidated_table_newest_last(self):
        rows = here.run("restores", "--json").json["restores"]
        assert [(row["name"], row["status"]) for row in rows] == [
            ("restore 1", "completed"),
            ("restore 3", "pending"),
        ]
        assert rows[0]["id"] == 2_000_000_000_001
        text = here.run("restores").out
        assert "restore 1" in text
        assert "2025-06-01 12:00:00" in text

    def test_restores_can_be_narrowed(self):
        since = here.run("restores", "--since", "2025-06-01T12:30:00Z", "--json").json
        assert [row["name"] for row in since["restores"]] == ["restore 3"]
        assert here.run("restores", "--failed", "--json").json == {"restores": []}

    @pytest.mark.parametrize("time", ["yesterdayish", "0001-01-01T00:00+14:00"])
    def test_a_time_that_is_none_is_refused(self, time: str):
        refused = here.run("restores", "--since", time, check=False)
        assert refused.code == 2
        assert time in refused.err

    @pytest.mark.parametrize("name", [str(stream(1)), "2000000000001"])
    def test_describe_takes_a_uuid_or_a_rows_id(self, name: str):
        text = here.run("describe", name).out
        assert "restore 1" in text
        assert "restore.Requested" in text
        assert "all tables restored" in text

    def test_describe_of_nothing_is_refused_in_one_line(self):
        refused = here.run("describe", "42", check=False)
        assert refused.code == 2
        assert len(refused.err.strip().splitlines()) == 1
        assert "42" in refused.err

    def test_a_legacy_row_is_found_by_its_id_in_the_consolidated_table_at_any_time(self):
        told = here.run("describe", str(OFFSET + 5), "--json").json
        assert told == here.run("describe", "5", "--json").json
        assert told["events"] == 3
        assert here.run("describe", str(OFFSET + 6), check=False).code == 2

    def test_so_is_one_that_no_table_can_hold(self):
        columns = legacy_columns(1111, name="x" * 300)
        Log().append([new_event(imported(4, key=1111, columns=columns))])
        told = here.run("describe", str(OFFSET + 1111), "--json").json
        assert told["notes"][0].startswith("Not in database_management.RestoreLog: quarantined")
        assert told == here.run("describe", "1111", "--json").json

    def test_describe_shows_the_backup_and_every_line_of_a_message(self):
        kept, gone = backup_registered(9), BackupRef(backup_id=stream(8), legacy=3, consolidated=4)
        Log().append([new_event(kept)])
        position = Log().head().position
        there = BackupRef(backup_id=stream(9), legacy=None, consolidated=2 * OFFSET + position)
        Log().append(
            [
                new_event(requested(5, backup=there, message="first line\nsecond line")),
                new_event(requested(6, backup=gone)),
            ]
        )
        text = here.run("describe", str(stream(5))).out
        assert re.search(r"^message +first line\n +second line$", text, re.MULTILINE)
        assert re.search(r"^backup +weekly, database, completed, shop$", text, re.MULTILINE)
        told = here.run("describe", str(stream(5)), "--json").json
        assert told["backup"]["file_path"] == "/backups/weekly.dump"
        text = here.run("describe", str(stream(6))).out
        assert re.search(r"^backup +is not in system_backups.BackupLog$", text, re.MULTILINE)
        text = here.run("describe", str(stream(1))).out
        assert not re.search(r"^backup ", text, re.MULTILINE)

    def test_a_name_of_two_lines_stays_in_its_row(self):
        Log().append([new_event(requested(5, name="one\ntwo"))])
        assert "one\\ntwo" in here.run("restores").out

    def test_the_trail_of_a_restore_shows_old_and_new_values(self):
        events = here.run("audit", str(stream(2)), "--json").json["events"]
        assert [event["topic"] for event in events] == [
            "restore.Imported",
            "restore.ChangedInHost",
            "restore.Amended",
        ]
        legacy = [
            {c["column"]: (c["old"], c["new"]) for c in event["changes"]
             if c["label"] == "database_management.RestoreLog"}
            for event in events
        ]  # fmt: skip
        assert legacy[0]["status"] == (None, "completed")
        assert legacy[1] == {"status": ("completed", "failed")}
        assert legacy[2] == {"message": ("done", "disk was full")}
        assert (events[2]["actor"], events[2]["reason"]) == ("grace", "asked the DBA")

    def test_the_trail_says_what_was_assumed(self):
        (first, *_) = here.run("audit", str(stream(2)), "--json").json["events"]
        provenance = {
            change["column"]: change["provenance"]
            for change in first["changes"]
            if change["label"] == "system_backups.RestoreLog"
        }
        assert provenance["restore_type"] == "assumed"
        assert provenance["is_overwrite"] == "assumed"
        assert provenance["trigger_type"] == "observed"

    def test_the_trail_names_the_hosts_column_behind_a_value(self):
        columns = {**legacy_columns(9), "remarks": "seen", "note": None}
        sources = {"message": ("note", "remarks")}
        Log().append([new_event(imported(9, 9, columns=columns, sources=sources))])
        (first,) = here.run("audit", str(stream(9)), "--json").json["events"]
        columns = {(one["column"], one["new"]): one["host_column"] for one in first["changes"]}
        assert columns["message", "seen"] == "remarks"
        assert {name for name in columns.values() if name} == {"remarks"}
        assert "message: - → 'seen' (from remarks)" in here.run("audit", str(stream(9))).out

    def test_the_whole_trail_is_newest_last_and_names_each_restore(self):
        lines = here.run("audit").out.strip().splitlines()
        assert len(lines) == 7
        assert "restore.Requested" in lines[0]
        assert str(stream(3)) in lines[-1]
        limited = here.run("audit", "--limit", "2", "--json").json["events"]
        assert [event["position"] for event in limited] == [6, 7]

    def test_projections_says_where_each_one_is(self):
        found = here.run("projections", "--json").json["projections"]
        assert {one["label"]: (one["position"], one["rows"], one["state"]) for one in found} == {
            "database_management.RestoreLog": (7, 3, "live"),
            "database_management.BackupLog": (7, 0, "live"),
            "system_backups.RestoreLog": (7, 2, "live"),
            "system_backups.BackupLog": (7, 0, "live"),
            "row_versions.RestoreVersion": (7, 7, "live"),
            "statistics.RestoreSums": (7, 18, "live"),
        }

    def test_as_of_writes_the_table_as_it_stood(self, tmp_path: Path):
        out = tmp_path / "then.ndjson"
        here.run("as_of", "2", "system_backups.RestoreLog", "--out", str(out))
        (row,) = [json.loads(line) for line in out.read_text().splitlines()]
        assert (row["name"], row["status"]) == ("restore 1", "in_progress")

    def test_rebuild_says_what_it_made(self):
        made = here.run("rebuild", "--json").json
        assert made["position"] == 7
        assert made["projections"]["database_management.RestoreLog"]["rows"] == 3
        assert len(made["projections"]["database_management.RestoreLog"]["digest"]) == 64
