"""The life of a restore over REST: what is recorded, what is answered, and what is refused."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from time import sleep
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request as Question
from urllib.request import urlopen
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.db import connections
from django.test import Client

from api import accounts
from projections.engine import registry
from tests.api.conftest import Reader
from tests.api.recorder import Recorder, recorder
from tests.support import here, raw
from tests.support.serving import processes

NOON, LATER = "2026-03-01T12:00:00Z", "2026-03-01T12:03:20Z"


@pytest.fixture
def ada(database: str) -> Recorder:
    return recorder()


def test_a_restore_is_recorded_from_its_request_to_its_end(ada: Recorder, database: str):
    backup = ada.row(
        "backups/",
        {"name": "nightly", "database_name": "orders", "file_path": "/b/n.dump", "size_bytes": 9},
        201,
    )
    response = ada.post(
        "restores/",
        {"name": "orders after the outage", "source_backup": backup["id"], "requested_at": NOON},
        201,
    )
    row = response.json()
    restore = row["restore_id"]
    assert response["Location"].endswith(f"/api/v1/restores/{restore}/")
    assert response["ETag"] == '"1"'
    assert row["status"] == "pending"
    assert row["target_database"] == "orders"  # the backup's, since none was given
    assert (row["is_overwrite"], row["source_backup"]) == (False, backup["id"])
    assert (row["created_by"], row["created_by_username"]) == (None, "ada")
    started = ada.row(f"restores/{restore}/start/", {"started_at": "2026-03-01T13:00:00+01:00"})
    assert (started["status"], started["started_at"]) == ("in_progress", NOON)
    done = ada.post(
        f"restores/{restore}/complete/",
        {"completed_at": LATER, "outcome": "partial", "message": "2 of 3 schemas"},
    )
    assert done["ETag"] == '"3"'
    row = done.json()
    assert (row["status"], row["duration_seconds"], row["version"]) == ("partial", 200, 3)
    # The list, the row, both tables and the trail show it at once.
    assert ada.get(f"restores/{restore}/") == row
    assert ada.get(f"restores/{row['id']}/") == row
    assert [one["status"] for one in ada.get("restores/")["results"]] == ["partial"]
    assert ada.get(f"legacy/restores/{restore}/")["status"] == "completed"
    events = ada.get(f"restores/{restore}/events/")["results"]
    assert [(event["topic"], event["actor"]) for event in events] == [
        ("restore.Requested", "ada"),
        ("restore.Started", "ada"),
        ("restore.Completed", "ada"),
    ]


def test_a_restore_fails_or_is_cancelled(ada: Recorder):
    failed = ada.running()
    row = ada.row(f"restores/{failed}/fail/", {"failed_at": LATER, "message": "disk full"})
    assert (row["status"], row["message"], row["completed_at"]) == ("failed", "disk full", LATER)
    cancelled = ada.requested()
    row = ada.row(f"restores/{cancelled}/cancel/", {"message": "wrong target"})
    assert (row["status"], row["message"], row["completed_at"]) == (
        "cancelled",
        "wrong target",
        None,
    )


def test_a_restore_that_once_failed_is_found_after_it_was_corrected(ada: Recorder):
    restore = ada.running()
    ada.row(f"restores/{restore}/fail/", {"message": "disk full"})
    ada.row(f"restores/{restore}/amend/", {"changes": {"status": "completed"}, "reason": "wrong"})
    found = {
        parameter: [row["name"] for row in ada.get(f"restores/?{parameter}=failed")["results"]]
        for parameter in ("ever", "status")
    }
    assert found == {"ever": ["orders"], "status": []}


def test_what_was_recorded_wrongly_is_amended_with_a_reason(ada: Recorder):
    restore = ada.running()
    backup = ada.row("backups/", {"name": "nightly", "backup_type": "files"}, 201)
    row = ada.row(
        f"restores/{restore}/amend/",
        {
            "changes": {
                "name": "orders, the second try",
                "source_backup": backup["backup_id"],
                "started_at": "2026-03-01T10:00:00Z",
                "status": "done by hand",
            },
            "reason": "typed wrongly",
        },
    )
    assert row["name"] == "orders, the second try"
    assert (row["source_backup"], row["status"]) == (backup["id"], "done by hand")
    assert row["started_at"] == "2026-03-01T10:00:00Z"
    event = ada.get(f"restores/{restore}/events/")["results"][-1]
    assert event["reason"] == "typed wrongly"
    changed = {
        (one["column"], one["old"], one["new"])
        for one in event["changes"]
        if one["label"] == "system_backups.RestoreLog"
    }
    assert ("name", "orders", "orders, the second try") in changed
    row = ada.row(
        f"restores/{restore}/amend/",
        {"changes": {"source_backup": None, "started_at": None}, "reason": "there was none"},
    )
    assert (row["source_backup"], row["started_at"]) == (None, None)
    # A status of another word ends what can be recorded of it.
    assert ada.refused(f"restores/{restore}/complete/") == "restore_not_running"


@pytest.mark.parametrize(
    ("body", "member"),
    [
        ({}, "name"),
        ({"name": ""}, "name"),
        ({"name": 7}, "name"),
        ({"name": "x" * 256}, "name"),
        ({"name": "a\0b"}, "name"),
        ({"name": "r", "nmae": "typo"}, "nmae"),
        ({"name": "r", "restore_type": "databases"}, "restore_type"),
        ({"name": "r", "is_overwrite": "yes"}, "is_overwrite"),
        ({"name": "r", "requested_at": "2026-03-01T12:00:00"}, "requested_at"),
        ({"name": "r", "requested_at": "0001-01-01T00:00:00+05:00"}, "requested_at"),
        ({"name": "r", "restore_id": "9b1f7a52-0f5d-5f5e-9d0a-2f6f4b6f3a11"}, "restore_id"),
        ({"name": "r", "source_backup": "the last one"}, "source_backup"),
        ({"name": "r", "source_backup": True}, "source_backup"),
        ({"name": "r", "sequence": 0}, "sequence"),
        ({"name": "r", "sequence": 1.5}, "sequence"),
    ],
)
def test_a_body_that_is_not_understood_is_refused(ada: Recorder, body: Any, member: str):
    problem = ada.row("restores/", body, 400)
    assert problem["code"] == "invalid"
    assert list(problem["errors"]) == [member]


def test_what_is_wrong_inside_of_a_member_is_named(ada: Recorder):
    restore = ada.running()
    changes = {"status": "", "nothing": 1}
    problem = ada.row(f"restores/{restore}/amend/", {"changes": changes, "reason": "r"}, 400)
    assert problem["errors"] == {"changes.nothing": ["There is no such member."]}
    assert problem["detail"] == "changes.nothing: There is no such member."
    problem = ada.row(f"restores/{restore}/complete/", {"warnings": ["w", 5]}, 400)
    assert problem["errors"] == {"warnings.1": ["Not a valid string."]}


def test_a_refused_body_records_nothing(ada: Recorder, database: str):
    for body in ([], "text", None, 5):
        ada.row("restores/", body if body is not None else "null", 400)
    assert raw.value(database, "SELECT count(*) FROM event_store_event") == 0
    assert ada.refused("restores/?name=orders", {"name": "r"}, 400) == "unknown_parameter"


def test_what_cannot_be_so_is_refused(ada: Recorder):
    restore = ada.running()
    early, year = "2026-03-01T11:59:59.999999Z", "2097-01-01T00:00:00Z"
    for command, member in (("complete", "completed"), ("fail", "failed"), ("cancel", "cancelled")):
        refused = ada.refused(f"restores/{restore}/{command}/", {f"{member}_at": early}, 422)
        assert refused == "end_before_start"
        assert (
            ada.refused(f"restores/{restore}/{command}/", {f"{member}_at": year}, 422)
            == "time_in_future"
        )
    pending = ada.requested()
    assert ada.refused(f"restores/{pending}/start/", {"started_at": year}, 422) == "time_in_future"
    ada.row(f"restores/{pending}/start/", {"started_at": "1912-06-23T00:00:00Z"})
    assert ada.refused(f"restores/{pending}/complete/", {}, 422) == "restore_too_long"
    assert (
        ada.refused(f"restores/{restore}/amend/", {"changes": {}, "reason": "?"}, 422)
        == "nothing_to_amend"
    )
    assert (
        ada.refused(f"restores/{restore}/amend/", {"changes": {"name": "x"}, "reason": " "}, 422)
        == "reason_missing"
    )


def test_what_is_not_there_is_not_found(ada: Recorder):
    backup = ada.row("backups/", {"name": "nightly"}, 201)["backup_id"]
    for place in (str(uuid4()), "17", "nothing", backup):
        assert ada.refused(f"restores/{place}/start/", {}, 404) == "restore_not_found"
    for key in (17, str(uuid4()), ada.requested()):
        refused = ada.refused("restores/", {"name": "r", "source_backup": key}, 404)
        assert refused == "backup_not_found"


def test_an_id_is_used_once(ada: Recorder):
    chosen = str(uuid4())
    assert ada.requested(restore_id=chosen) == chosen
    assert ada.refused("restores/", {"name": "r", "restore_id": chosen}) == "restore_exists"
    assert ada.refused("backups/", {"name": "b", "backup_id": chosen}) == "backup_exists"
    backup = str(uuid4())
    assert ada.row("backups/", {"name": "b", "backup_id": backup}, 201)["backup_id"] == backup
    assert ada.refused("restores/", {"name": "r", "restore_id": backup}) == "restore_exists"


def test_a_stale_if_match_is_refused(ada: Recorder):
    restore = ada.running()
    path = f"restores/{restore}/complete/"
    for stale in ('"1"', 'W/"2"', '"two"', "2", '"3", "1"'):
        assert ada.refused(path, {}, 412, If_Match=stale) == "restore_changed"
    ada.post(path, {}, If_Match='"1", "2"')
    ada.post(f"restores/{restore}/amend/", {"changes": {"name": "x"}, "reason": "?"}, If_Match="*")


def test_two_clients_complete_a_restore_at_once(ada: Recorder, database: str):
    bob, restore = recorder("bob"), ada.running()
    connections.close_all()
    both = Barrier(2)

    def complete(client: Recorder) -> tuple[int, Any]:
        both.wait(30)
        response = client.client.post(
            f"/api/v1/restores/{restore}/complete/", {}, content_type="application/json"
        )
        connections.close_all()
        return response.status_code, response.json().get("code")

    with ThreadPoolExecutor(2) as clients:
        answers = sorted(clients.map(complete, (ada, bob)), key=str)
    assert answers == [(200, None), (409, "restore_not_running")]
    topic = "SELECT count(*) FROM event_store_event WHERE topic = 'restore.Completed'"
    assert raw.value(database, topic) == 1


def test_a_key_records_once_and_is_answered_alike(ada: Recorder, database: str):
    body = {"name": "orders"}
    first = ada.post("restores/", body, 201, Idempotency_Key="k")
    again = ada.post("restores/", body, 201, Idempotency_Key="k")
    assert again.json() == first.json()
    assert (again["Location"], again["ETag"]) == (first["Location"], first["ETag"])
    other = ada.refused("restores/", {"name": "other"}, 422, Idempotency_Key="k")
    assert other == "idempotency_key_reused"
    assert raw.value(database, "SELECT count(*) FROM event_store_event") == 1


def test_a_number_that_the_log_has_is_answered_as_it_was_then(ada: Recorder, database: str):
    bob, restore = recorder("bob"), str(uuid4())
    request = {"name": "orders", "restore_id": restore, "sequence": 1}
    start = {"started_at": NOON, "sequence": 2}
    end = {"completed_at": LATER, "message": "done", "sequence": 3}
    first = [
        ada.row("restores/", request, 201),
        ada.row(f"restores/{restore}/start/", start),
        ada.row(f"restores/{restore}/complete/", end),
    ]
    ada.row(f"restores/{restore}/amend/", {"changes": {"name": "x"}, "reason": "?"})
    # The program lost the answers. Somebody else sends all of it again, long afterwards.
    again = [
        bob.row("restores/", request, 201),
        bob.row(f"restores/{restore}/start/", start, If_Match='"1"'),
        bob.row(f"restores/{restore}/complete/", end, X_Request_ID="another"),
    ]
    assert again == first
    assert raw.value(database, "SELECT count(*) FROM event_store_event") == 4
    for command, body in (
        ("start", {**start, "started_at": LATER}),
        ("complete", {**end, "sequence": 2}),
        ("fail", {"sequence": 3}),
    ):
        assert ada.refused(f"restores/{restore}/{command}/", body) == "sequence_taken"
    assert ada.refused("restores/", {**request, "name": "other"}) == "sequence_taken"


def test_an_event_says_for_whom_and_to_which_request_it_belongs(ada: Recorder):
    restore = ada.requested(on_behalf_of="Grace Hopper")
    trace = "0af7651916cd43dd8448eb211c80319c"
    ada.row(f"restores/{restore}/start/", {}, traceparent=f"00-{trace}-b7ad6b7169203331-01")
    ada.row(
        f"restores/{restore}/cancel/",
        {"on_behalf_of": "root"},
        X_Request_ID="job 17",
        traceparent="nonsense",
    )
    requested, started, cancelled = ada.get(f"restores/{restore}/events/")["results"]
    assert (requested["actor"], requested["on_behalf_of"]) == ("ada", "Grace Hopper")
    assert started["request_id"] == trace
    assert started["correlation"] == "0af76519-16cd-43dd-8448-eb211c80319c"
    assert (cancelled["request_id"], cancelled["on_behalf_of"]) == ("job 17", "root")
    assert cancelled["correlation"] is not None
    refused = ada.refused("restores/", {"name": "r"}, 400, X_Request_ID="x" * 201)
    assert refused == "request_id_invalid"
    assert (
        ada.refused("restores/", {"name": "r", "on_behalf_of": "a\u202eb"}, 422)
        == "actor_unreadable"
    )


@pytest.mark.parametrize(("role", "status"), [
    ("viewer", 403), ("auditor", 403), ("operator", 201), ("migrator", 201)
])  # fmt: skip
def test_operators_and_migrators_record(database: str, role: str, status: int):
    client = recorder("somebody", role)
    client.post("restores/", {"name": "r"}, status)
    client.post("backups/", {"name": "b"}, status)
    restore = str(uuid4())
    for command in ("start", "complete", "fail", "cancel", "amend"):
        body = {"changes": {}, "reason": "?"} if command == "amend" else {}
        client.post(f"restores/{restore}/{command}/", body, 403 if status == 403 else 404)


def test_a_table_that_is_stopped_is_answered_with_202(
    ada: Recorder, monkeypatch: pytest.MonkeyPatch
):
    def broken(row: Any, event: Any) -> Any:
        raise KeyError("no such thing")

    label = "database_management.RestoreLog"
    stopped = replace(registry.PROJECTIONS[label], project=broken)
    with monkeypatch.context() as broken_for_now:
        broken_for_now.setitem(registry.PROJECTIONS, label, stopped)
        response = ada.post("restores/", {"name": "r"}, 202, Idempotency_Key="k")
        row = response.json()
        assert row.pop("position") == 1
        assert (row["name"], row["status"]) == ("r", "pending")
        assert response["Location"].endswith(f"/restores/{row['restore_id']}/")
        assert ada.row("restores/", {"name": "r"}, 202, Idempotency_Key="k")["position"] == 1
    # The table goes on once its projector works.
    assert ada.row("restores/", {"name": "r"}, 201, Idempotency_Key="k") == row


class TestAServiceWithoutAHost:
    """A fresh service records, lists and rebuilds; a host that comes later goes the whole way."""

    @pytest.mark.parametrize("small", [False, True])
    def test_takes_the_whole_journey_later(
        self, ada: Recorder, host: str, database: str, tmp_path: Any, small: bool,
        monkeypatch: pytest.MonkeyPatch,
    ):  # fmt: skip
        if small:
            # As for a host whose keys are of 32 bits: it gets another offset.
            monkeypatch.setattr("infrastructure.hosts.identity.DEFAULT_OFFSET", 10**9)
        backup = ada.row("backups/", {"name": "nightly", "database_name": "orders"}, 201)
        early = ada.running(source_backup=backup["id"])
        ada.row(f"restores/{early}/complete/", {"completed_at": LATER})
        files = ada.requested(restore_type="files")
        assert len(ada.get("restores/")["results"]) == 2
        before = ada.get(f"restores/{early}/")
        here.run("rebuild")
        assert ada.get(f"restores/{early}/") == before
        here.run("import_host", source=host)
        late = ada.running(source_backup=backup["backup_id"])
        ada.row(f"restores/{late}/fail/", {"failed_at": LATER})
        assert here.run("verify", "--json", source=host).json["equal"]
        certificate = tmp_path / "c.json"
        files_of = "--certificate", str(certificate), "--snapshot", str(tmp_path / "s.sqlite3")
        here.run("cut_over", "--yes", *files_of, source=host)
        assert here.run("verify", "--json", source=host).json["equal"]
        assert ada.get(f"restores/{early}/") == before
        assert ada.get(f"restores/{late}/")["status"] == "failed"
        here.run("rebuild")
        here.run("roll_back", "--yes")
        assert here.run("verify", "--json", source=host).json["equal"]
        assert ada.get(f"restores/{early}/") == before
        assert ada.get(f"restores/{files}/")["status"] == "pending"
        ids = [ada.get(f"restores/{restore}/")["id"] for restore in (early, late)]
        assert (ids[0] > ids[1]) is small


def test_a_session_records_only_with_its_csrf_token(database: str, viewer: Reader):
    accounts.create("grace", roles=["operator"], password="correct horse battery")
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.get(username="grace"))
    refused = client.post("/api/v1/restores/", {"name": "r"}, content_type="application/json")
    assert refused.status_code == 403


def test_the_same_post_sent_fifty_times_at_once_makes_one_restore(database: str):
    token = str(accounts.new_token(accounts.create("ada", roles=["operator"])))
    connections.close_all()
    with (
        processes(database, workers=2) as server,
        ThreadPoolExecutor(50) as clients,
    ):

        def post(_: int) -> tuple[int, Any]:
            headers = {
                "Authorization": f"Token {token}",
                "Content-Type": "application/json",
                "Idempotency-Key": "k",
            }
            body = json.dumps({"name": "orders", "attributes": {"ticket": "OPS-17"}}).encode()
            while True:
                try:
                    asked = Question(f"{server.address}/api/v1/restores/", body, headers)
                    with urlopen(asked, timeout=60) as answer:
                        return answer.status, json.load(answer)
                except HTTPError as refused:
                    if "Retry-After" not in refused.headers:
                        return refused.code, refused.read()
                    sleep(float(refused.headers["Retry-After"]))

        answers = list(clients.map(post, range(50)))
    assert answers[0][0] == 201
    assert all(answer == answers[0] for answer in answers)
    topic = "SELECT count(*) FROM event_store_event WHERE topic = 'restore.Requested'"
    assert raw.value(database, topic) == 1
