"""What else is recorded of a restore: attributes, warnings, progress, validation."""

from typing import Any
from uuid import uuid4

import pytest

from tests.api.recorder import Recorder, recorder
from tests.support import here

NOON, LATER, EVENING = "2026-03-01T12:00:00Z", "2026-03-01T12:03:20Z", "2026-03-01T18:00:00Z"


@pytest.fixture
def ada(database: str) -> Recorder:
    return recorder()


def completed(ada: Recorder, **more: Any) -> str:
    restore = ada.running(**more)
    ada.row(f"restores/{restore}/complete/", {"completed_at": LATER})
    return restore


def names(ada: Recorder, query: str, path: str = "restores/") -> list[str]:
    return sorted(row["name"] for row in ada.get(f"{path}?{query}")["results"])


def test_attributes_are_shown_filtered_by_and_searched(ada: Recorder):
    said = {"ticket": "OPS-17", "rows": 9007199254740993, "share": 0.1, "urgent": True,
            "pit": None, "from.host": 'a "quoted" 猫'}  # fmt: skip
    restore = ada.requested(name="one", attributes=said)
    ada.requested(name="two", attributes={"ticket": "OPS-18"})
    ada.requested(name="three")
    row = ada.get(f"restores/{restore}/")
    assert row["attributes"] == said
    assert row["extra"] == {**said, "share": {"$": "float", "v": "0.1"}}
    assert ada.get(f"legacy/restores/{restore}/")["attributes"] == said
    for query in (
        *("extra.ticket=OPS-17", "extra.rows=9007199254740993", "extra.share=0.1"),
        *("extra.urgent=true", "search=ops-17", "search=猫", "search=%22quoted%22"),
        "extra.pit_isnull=true&extra.ticket_isnull=false&extra.urgent_isnull=false",
    ):
        assert names(ada, query) == ["one"], query
        assert names(ada, query, "legacy/restores/") == ["one"], query
        for more in ("present=any", "present=any&as_of=now", "as_of=now"):
            assert names(ada, f"{query}&{more}") == ["one"], (query, more)
    assert names(ada, "extra.ticket_isnull=true") == ["three"]


def test_an_answer_with_a_key_is_repeated_to_the_letter(ada: Recorder):
    body = {"name": "r", "attributes": {"rows": 4.7098684874963804e26, "b": 1.0, "a": 0.1}}
    first, again = (ada.post("restores/", body, 201, Idempotency_Key="k") for _ in range(2))
    assert first.content == again.content
    assert first.json() == ada.get(f"restores/{first.json()['restore_id']}/")


@pytest.mark.parametrize(
    "attributes",
    [
        {"status": "x"},
        {"source_backup": 1},
        {"ticket_isnull": 1},
        {"1st": 1},
        {"a b": 1},
        {"": 1},
        {"x" * 65: 1},
        {"a": [1]},
        {"a": {"$": "float", "v": "1"}},
        {"a": 2**63},
        {"a": "x" * 1001},
        {"a": "\0"},
        {f"a{n}": n for n in range(51)},
    ],
)
def test_an_attribute_that_a_row_cannot_show_is_refused(ada: Recorder, attributes: Any):
    body = {"name": "r", "attributes": attributes}
    assert ada.refused("restores/", body, 422) == "attribute_invalid"
    assert ada.get("restores/")["results"] == []


def test_warnings_are_counted_and_listed_apart_from_errors(ada: Recorder):
    restore = ada.running()
    told = {"warnings": ["an index was skipped", "a role is missing"], "exit_code": 0}
    path = f"restores/{restore}/complete/"
    assert ada.refused(path, {**told, "warnings_count": 1}, 422) == "warnings_miscounted"
    row = ada.row(path, {**told, "warnings_count": 7, "outcome": "partial", "output": "…\n"})
    assert (row["warnings_count"], row["status"], row["validation"]) == (7, "partial", None)
    failed = ada.running(name="failed")
    row = ada.row(
        f"restores/{failed}/fail/",
        {"errors": ["no space left"], "warnings": ["slow"], "signal": "SIGKILL", "cause": "signal",
         "exit_code": 137},
    )  # fmt: skip
    assert row["warnings_count"] == 1
    state = ada.get(f"restores/{failed}/events/")["results"][-1]["state"]
    assert (state["errors"], state["warnings"], state["signal"], state["exit_code"]) == (
        ["no space left"],
        ["slow"],
        "SIGKILL",
        137,
    )
    ada.requested(name="pending")
    assert names(ada, "warnings_count_min=2") == ["orders"]
    assert names(ada, "warnings_count_isnull=true") == ["pending"]


def test_progress_is_an_event_that_leaves_the_row_as_it_is(ada: Recorder):
    restore = ada.running(sequence=1)
    before = ada.get(f"restores/{restore}/")
    told = {"percent": 42, "phase": "indexes", "at": LATER, "sequence": 2}
    row = ada.row(f"restores/{restore}/progress/", told)
    assert row == {**before, "version": 3}
    assert ada.row(f"restores/{restore}/progress/", told) == row
    event = ada.get(f"restores/{restore}/events/")["results"][-1]
    assert event["state"] == {"progressed_at": LATER, "percent": 42.0, "phase": "indexes"}
    for percent in (-1, 101, "42", True):
        body = {"percent": percent}
        assert ada.refused(f"restores/{restore}/progress/", body, 400) == "invalid"


def test_a_completed_restore_is_validated_which_is_another_thing(ada: Recorder):
    restore = completed(ada)
    path = f"restores/{restore}/validate/"
    row = ada.row(path, {"result": "failed", "check": "row counts", "output": "41 of 42\n"})
    assert (row["status"], row["validation"]) == ("completed", "failed")
    row = ada.row(path, {"result": "passed", "validated_at": EVENING})
    assert (row["validation"], row["updated_at"]) == ("passed", EVENING)
    changes = ada.get(f"restores/{restore}/events/")["results"][-1]["changes"]
    assert {(one["column"], one["old"], one["new"]) for one in changes} >= {
        ("validation", "failed", "passed")
    }
    ada.requested(name="pending")
    assert names(ada, "validation=passed") == ["orders"]
    assert names(ada, "validation_isnull=true") == ["pending"]
    assert ada.get("restores/?validation_in=passed,failed")["results"] != []
    running = ada.running()
    assert (
        ada.refused(f"restores/{running}/validate/", {"result": "passed"})
        == "restore_not_completed"
    )
    assert ada.refused(path, {"result": "perhaps"}, 400) == "invalid"


def test_an_end_after_an_interruption_replaces_it_once(ada: Recorder):
    restore = ada.running()
    path = f"restores/{restore}"
    row = ada.row(f"{path}/fail/", {"cause": "interrupted", "failed_at": LATER, "message": "?"})
    assert (row["status"], row["completed_at"]) == ("failed", LATER)
    assert ada.refused(f"{path}/fail/", {"cause": "interrupted"}) == "restore_not_running"
    ada.row(f"{path}/progress/", {"percent": 90})
    row = ada.row(f"{path}/complete/", {"completed_at": EVENING, "message": "done after all"})
    assert (row["status"], row["completed_at"], row["message"]) == (
        "completed",
        EVENING,
        "done after all",
    )
    for again in ("complete", "fail", "cancel"):
        assert ada.refused(f"{path}/{again}/") in ("restore_not_running", "restore_finished")
    topics = [event["topic"] for event in ada.get(f"{path}/events/")["results"]]
    assert topics[2:] == ["restore.Failed", "restore.Progressed", "restore.Completed"]


def test_a_restore_that_could_not_be_started_has_failed(ada: Recorder):
    restore = ada.requested()
    assert ada.refused(f"restores/{restore}/fail/") == "restore_not_running"
    row = ada.row(f"restores/{restore}/fail/", {"cause": "not_started", "message": "no pg_restore"})
    assert (row["status"], row["started_at"], row["duration_seconds"]) == ("failed", None, None)


@pytest.mark.parametrize(
    ("said", "status", "took"),
    [
        ({"status": "completed", "started_at": NOON, "completed_at": LATER}, "completed", 200),
        ({"status": "partial", "started_at": NOON, "completed_at": LATER, "warnings_count": 3,
          "command": "pg_restore", "host": "db1"}, "partial", 200),
        ({"status": "failed", "started_at": NOON, "completed_at": LATER, "errors": ["disk full"],
          "message": "disk full"}, "failed", 200),
        ({"status": "failed", "completed_at": LATER, "cause": "not_started"}, "failed", None),
        ({"status": "cancelled", "completed_at": LATER}, "cancelled", None),
    ],
)  # fmt: skip
def test_a_restore_that_is_over_is_recorded_at_once(
    ada: Recorder, said: Any, status: str, took: int | None
):
    body = {"name": "by hand", "restore_id": str(uuid4()), "sequence": 1, **said}
    row = ada.row("restores/", body, 201)
    assert (row["status"], row["duration_seconds"]) == (status, took)
    assert row["created_at"] == said.get("started_at", LATER)
    assert ada.get(f"restores/{row['id']}/") == row
    assert ada.row("restores/", body, 201) == row  # its number is in the log
    events = ada.get(f"restores/{row['restore_id']}/events/")["results"]
    assert events[0]["state"]["recorded_afterwards"] is True
    # Both times: when it was, and when the log learned of it.
    assert all(event["recorded_at"] > "2026-06" for event in events)
    assert len(events) == 2 + ("started_at" in said)


def test_what_is_over_says_when_it_started_and_what_is_not_over_has_no_end(ada: Recorder):
    body = {"name": "r", "status": "completed", "completed_at": LATER}
    assert ada.refused("restores/", body, 422) == "start_missing"
    problem = ada.row("restores/", {"name": "r", "completed_at": LATER, "output": "x"}, 400)
    assert set(problem["errors"]) == {"completed_at", "output"}
    for status, unkept in (
        ("completed", {"errors": ["e"], "cause": "error", "signal": "SIGINT"}),
        ("partial", {"errors": []}),
        ("cancelled", {"exit_code": 1, "warnings": ["w"], "warnings_count": 1, "cause": "signal"}),
        ("cancelled", {"command": "pg_restore", "host": "db1", "started_at": None}),
    ):
        body = {"name": "r", "status": status, "started_at": NOON, "signal": None, **unkept}
        problem = ada.row("restores/", body, 400)
        assert set(problem["errors"]) == {name for name in unkept if name != "started_at"}
    wrong = {"name": "r", "status": "failed", "started_at": LATER, "completed_at": NOON}
    assert ada.refused("restores/", wrong, 422) == "end_before_start"
    assert ada.get("restores/")["results"] == []


def test_a_backup_is_registered_verified_and_expired(ada: Recorder):
    response = ada.post(
        "backups/",
        {"name": "nightly", "checksum": "sha256:" + "Ab" * 32, "format": "postgresql-custom",
         "contents": {"public.orders": 42, "public.items": None}},
        201,
    )  # fmt: skip
    backup = response.json()
    path = f"backups/{backup['backup_id']}/"
    assert response["Location"].endswith(f"/api/v1/{path}")
    said = {"checksum": "sha256:" + "ab" * 32, "format": "postgresql-custom",
            "contents": {"public.orders": 42, "public.items": None}}  # fmt: skip
    assert backup["extra"] == said
    row = ada.row(f"{path}verify/", {"result": "failed", "check": "pg_restore --list"})
    assert row["extra"] == {**said, "verification": "failed"}
    row = ada.row(f"backups/{backup['id']}/verify/", {"result": "passed"}, If_Match='"2"')
    assert ada.get(path) == row == ada.get(f"backups/{backup['id']}/")
    assert names(ada, "extra.verification=passed", "backups/") == ["nightly"]
    assert ada.refused(f"{path}expire/", {}, 412, If_Match='"2"') == "backup_changed"
    row = ada.row(f"{path}expire/", {"expired_at": EVENING, "message": "too old", "sequence": 4})
    assert (row["status"], row["updated_at"]) == ("expired", EVENING)
    again = {"expired_at": EVENING, "message": "too old", "sequence": 4}
    assert ada.row(f"{path}expire/", again) == row
    assert ada.refused(f"{path}expire/") == "backup_expired"
    assert ada.refused(f"{path}verify/", {"result": "passed"}) == "backup_expired"
    assert ada.refused("backups/", {"name": "b", "checksum": "md5:1"}, 422) == "checksum_invalid"
    for key in ("17", str(uuid4()), "last"):
        assert ada.refused(f"backups/{key}/expire/", {}, 404) == "backup_not_found"
        ada.get(f"backups/{key}/", 404)


class TestBesideAHost:
    def test_what_is_new_outlives_cut_over_roll_back_and_rebuild(
        self, imported: str, tmp_path: Any
    ):
        ada = recorder()
        restore = completed(ada, attributes={"ticket": "OPS-17", "share": 0.5})
        ada.row(f"restores/{restore}/validate/", {"result": "passed"})
        other = ada.running(restore_type="files", name="files", attributes={"a": 1})
        ada.row(f"restores/{other}/fail/", {"warnings": ["w"], "output": "x"})
        interrupted = ada.running(name="interrupted")
        ada.row(f"restores/{interrupted}/fail/", {"cause": "interrupted", "warnings_count": 0})
        ada.row(f"restores/{interrupted}/cancel/", {"signal": "SIGINT"})
        backup = ada.row("backups/", {"name": "b", "contents": {"é": 1}}, 201)
        ada.row(f"backups/{backup['id']}/verify/", {"result": "passed"})
        ada.row(f"backups/{backup['id']}/expire/")
        before = [ada.get(f"restores/{one}/") for one in (restore, other, interrupted)]

        def unchanged() -> None:
            assert here.run("verify", "--json", source=imported).json["equal"]
            assert [ada.get(f"restores/{row['restore_id']}/") for row in before] == before

        unchanged()
        certificate, events = str(tmp_path / "c.json"), str(tmp_path / "e.ndjson")
        here.run("cut_over", "--yes", "--certificate", certificate, "--snapshot",
                 str(tmp_path / "s.sqlite3"), source=imported)  # fmt: skip
        unchanged()
        here.run("rebuild")
        unchanged()
        rows = str(tmp_path / "r.ndjson")
        here.run("verify", "--certificate", str(tmp_path / "v.json"), "--export", rows,
                 "--export-events", events, source=imported)  # fmt: skip
        taken = here.run("roll_back", "--yes", "--json").json
        gaps = {(gap["column"], gap["value"]) for gap in taken["unrepresentable"]}
        assert {("validation", "passed"), (None, "files")} <= gaps
        unchanged()
        belongs = ada.get("backups/?origin=legacy&page_size=1")["results"]
        for one in belongs:
            assert ada.refused(f"backups/{one['id']}/expire/") == "backup_belongs_to_host"
