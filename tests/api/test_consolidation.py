"""The consolidation over REST: its state for all, its steps for those with the role migrator."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client, override_settings
from jsonschema import Draft202012Validator, FormatChecker

from api import accounts
from infrastructure.event_store.codec import new_event
from infrastructure.event_store.log import Log
from projections.engine import registry
from tests.api.conftest import Reader
from tests.builders import requested
from tests.support import here, raw

RETIRED = {"reason": "the host's old app is gone"}


@dataclass
class Migrator(Reader):
    """Also takes steps."""

    def post(self, step: str, body: Any = None, expect: int = 200, key: str | None = None) -> Any:
        response = self.client.post(
            f"/api/v1/consolidation/{step}/",
            json.dumps(body or {}),
            content_type="application/json",
            headers={} if key is None else {"Idempotency-Key": key},
        )
        assert response.status_code == expect, response.content.decode()[:2000]
        if expect >= 400:
            assert response["Content-Type"] == "application/problem+json"
        return response.json()


def migrator_called(name: str) -> Migrator:
    user = accounts.create(name, roles=["migrator"])
    return Migrator(Client(headers={"Authorization": f"Token {accounts.new_token(user)}"}))


@pytest.fixture
def migrator(database: str) -> Migrator:
    return migrator_called("grace")


def legacy_rows(url: str) -> int:
    return raw.value(url, "SELECT count(*) FROM system_backups_restorelog WHERE origin = 'legacy'")


IMPORTED = ["HostAdopted", "ColumnsChosen", "ZoneChosen"]
"""The steps of a host that was imported, and nothing more."""


def states(url: str) -> list[str]:
    """The topics of the steps, as the database's own driver reads them."""
    found = raw.rows(
        url,
        "SELECT topic FROM event_store_event WHERE topic LIKE 'consolidation.%' ORDER BY position",
    )
    return [topic.partition(".")[2] for (topic,) in found]


def test_the_whole_way_forth_and_back_and_to_the_end(
    database: str, imported: str, migrator: Migrator
):
    expected = raw.value(imported, "SELECT count(*) FROM database_management_restorelog")
    assert migrator.json("consolidation/")["state"] == "imported"

    there = migrator.post("cut_over", {"reason": "the window"})

    assert there["state"] == "cut_over"
    assert legacy_rows(database) == expected
    written = Path(there["certificate"]).read_bytes()
    assert there["certificate_sha256"] == sha256(written).hexdigest()
    assert Path(there["snapshot"]).exists()

    back = migrator.post("roll_back", {"reason": "an old report"})
    assert (back["state"], back["certificate"], back["unrepresentable"]) == (
        ("rolled_back", None, [])
    )
    assert legacy_rows(database) == 0

    assert migrator.post("cut_over")["state"] == "cut_over"
    assert migrator.post("retire", RETIRED)["state"] == "retired"
    assert legacy_rows(database) == expected

    told = migrator.json("consolidation/")
    assert (told["state"], told["verification"]["current"], told["verification"]["why"]) == (
        ("retired", True, "")
    )
    assert [one["event"].partition(".")[2] for one in told["history"]] == states(database)
    steps = {one["event"]: one for one in told["history"]}
    assert {one["actor"] for one in told["history"][4:]} == {"grace"}
    assert steps["consolidation.RolledBack"]["reason"] == "an old report"
    assert steps["consolidation.Retired"]["reason"] == RETIRED["reason"]


def test_a_step_that_a_table_does_not_show_yet_is_accepted_with_its_position(
    imported: str, database: str, migrator: Migrator, monkeypatch: pytest.MonkeyPatch
):
    migrator.post("cut_over")

    def broken(row: Any, event: Any) -> Any:
        raise KeyError("no such thing")

    label = "database_management.RestoreLog"
    stopped = replace(registry.PROJECTIONS[label], project=broken)
    monkeypatch.setitem(registry.PROJECTIONS, label, stopped)
    Log().append([new_event(requested(1))])
    back = migrator.post("roll_back", expect=202)
    assert back["state"] == "rolled_back"
    assert back["position"] == raw.value(database, "SELECT max(position) FROM event_store_event")
    assert states(database)[-1] == "RolledBack"


def test_a_viewer_reads_and_takes_no_step(imported: str, viewer: Reader, database: str):
    told = viewer.json("consolidation/")
    assert told["verification"]["why"] == "it was never verified with a certificate"
    for step in ("cut_over", "roll_back", "retire"):
        response = viewer.client.post(f"/api/v1/consolidation/{step}/")
        assert (response.status_code, response.json()["code"]) == (403, "permission_denied")
        stranger = Client().post(f"/api/v1/consolidation/{step}/")
        assert stranger.status_code == 401
    assert states(database) == IMPORTED


def test_certificates_that_were_corrected_are_listed_as_the_command_lists_them(
    imported: str, migrator: Migrator, public_key: Path, tmp_path: Path
):
    here.run("verify", "--certificate", str(tmp_path / "c.json"), source=imported)
    assert migrator.json("consolidation/")["contradicted_certificates"] == []
    here.run("import_host", "--zone", "Asia/Tokyo", "--reason", "its server's", source=imported)
    (one,) = migrator.json("consolidation/")["contradicted_certificates"]
    assert one["certificate"] == sha256((tmp_path / "c.json").read_bytes()).hexdigest()
    assert one["by"][0]["event"] == "consolidation.ZoneChosen"
    told = here.run("consolidation", "--json").json
    assert told["contradicted_certificates"] == [one]
    browser = Client()
    browser.force_login(accounts.create("eve", roles=["viewer"]))
    page = browser.get("/consolidation/").content.decode()
    assert "Contradicted" in page
    assert one["certificate"] in page.partition("Contradicted")[2]
    assert f"another time zone chosen at position {one['by'][0]['position']}" in page


def test_a_session_needs_the_forgery_token(imported: str, database: str):
    user = accounts.create("grace", roles=["migrator"])
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)
    refused = client.post("/api/v1/consolidation/cut_over/", {}, content_type="application/json")
    assert refused.status_code == 403
    assert states(database) == IMPORTED


def test_before_anything_was_imported_it_is_planned(database: str, migrator: Migrator):
    told = migrator.json("consolidation/")
    assert (told["state"], told["history"]) == ("planned", [])


@pytest.mark.parametrize(("step", "body"), [("roll_back", {}), ("retire", RETIRED), ("retire", {})])
def test_an_illegal_step_is_a_conflict(
    imported: str, database: str, migrator: Migrator, step: str, body: Any
):
    problem = migrator.post(step, body, expect=409)
    assert problem["code"] == "illegal_step"
    assert "the host has been imported" in problem["detail"]
    assert states(database) == IMPORTED


def test_the_end_takes_a_reason(imported: str, migrator: Migrator):
    migrator.post("cut_over")
    refused = migrator.post("retire", {"reason": "  "}, expect=422)
    assert refused["code"] == "reason_missing"
    assert refused["detail"].endswith("which the log keeps: reason in the body")


def test_quarantined_rows_are_accepted_by_number_and_reason(
    host: str, database: str, migrator: Migrator
):
    raw.execute(
        host,
        f"UPDATE system_backups_restorelog SET name = '{'n' * 256}' WHERE id = "
        "(SELECT min(id) FROM system_backups_restorelog)",
    )
    here.run("import_host", source=host)
    for body in ({}, {"accept_quarantined": 2, "reason": "known"}):
        problem = migrator.post("cut_over", body, expect=422)
        assert problem["code"] == "quarantine_not_accepted"
        assert "1 row is quarantined" in problem["detail"]
        assert "by number and reason: accept_quarantined (1) and reason" in problem["detail"]
    refused = migrator.post("cut_over", {"accept_quarantined": 1}, expect=422)
    assert refused["code"] == "reason_missing"
    assert legacy_rows(database) == 0
    done = migrator.post("cut_over", {"accept_quarantined": 1, "reason": "known"})
    assert done["state"] == "cut_over"


def test_a_difference_stops_it(imported: str, database: str, migrator: Migrator):
    raw.execute(database, "UPDATE database_management_restorelog SET name = 'forged'")
    problem = migrator.post("cut_over", expect=409)
    assert problem["code"] == "not_verified"
    assert "expected" in problem["detail"]
    assert legacy_rows(database) == 0


@pytest.mark.parametrize(
    ("column", "code"),
    [
        ("restore_type varchar(20) NOT NULL DEFAULT 'nightly'", "columns_not_settled"),
        ("is_overwrite varchar(20) NOT NULL DEFAULT 'sometimes'", "columns_not_settled"),
    ],
)
def test_a_column_that_does_not_fit_stops_it(
    imported: str, database: str, migrator: Migrator, column: str, code: str
):
    raw.execute(
        settings.SOURCE_DATABASE_URL,
        f"ALTER TABLE database_management_restorelog ADD COLUMN {column}",
    )
    problem = migrator.post("cut_over", expect=409)
    assert problem["code"] == code
    assert column.partition(" ")[0] in problem["detail"]
    assert states(database)[-1] != "CutOver"


@pytest.mark.parametrize(
    ("body", "member"),
    [
        ({"source": "sqlite:////elsewhere"}, "source"),
        ({"accept_quarantined": -1}, "accept_quarantined"),
        ({"accept_quarantined": "some"}, "accept_quarantined"),
        ({"reason": ["a", "b"]}, "reason"),
        ({"reason": "\0"}, "reason"),
        ({"reason": "\ud800"}, "reason"),
    ],
)
def test_a_body_that_is_not_understood_is_refused(
    imported: str, database: str, migrator: Migrator, body: Any, member: str
):
    problem = migrator.post("cut_over", body, expect=400)
    assert (problem["code"], list(problem["errors"])) == ("invalid", [member])
    assert states(database) == IMPORTED


def test_a_roll_back_accepts_nothing(imported: str, migrator: Migrator):
    problem = migrator.post("roll_back", {"accept_quarantined": 1}, expect=400)
    assert list(problem["errors"]) == ["accept_quarantined"]


def test_what_is_no_json_object_is_refused(imported: str, migrator: Migrator):
    for text, code in (("[1]", "invalid"), ("{", "parse_error")):
        response = migrator.client.post(
            "/api/v1/consolidation/cut_over/", text, content_type="application/json"
        )
        assert (response.status_code, response.json()["code"]) == (400, code)


def test_without_a_host_it_cannot_be_done(database: str, migrator: Migrator):
    with override_settings(SOURCE_DATABASE_URL=""):
        assert migrator.post("cut_over", expect=503)["code"] == "no_source"


def test_a_host_that_cannot_be_read(imported: str, tmp_path: Path, migrator: Migrator):
    with override_settings(SOURCE_DATABASE_URL=f"sqlite:///{tmp_path}/nothing.sqlite3"):
        assert migrator.post("cut_over", expect=502)["code"] == "host_unreachable"


class TestTheSameKeyAgain:
    def test_gives_the_first_answer_and_does_nothing(
        self, imported: str, database: str, migrator: Migrator
    ):
        body = {"reason": "the window"}
        first = migrator.post("cut_over", body, key="monday")
        events = states(database)
        assert migrator.post("cut_over", body, key="monday") == first
        migrator.post("roll_back", key="tuesday")
        assert migrator.post("cut_over", body, key="monday") == first
        assert states(database) == [*events, "RolledBack"]
        assert legacy_rows(database) == 0

    def test_whatever_the_order_of_the_members(self, imported: str, migrator: Migrator):
        first = migrator.post("cut_over", {"reason": "r", "accept_quarantined": 0}, key="k")
        again = migrator.post("cut_over", {"accept_quarantined": 0, "reason": "r"}, key="k")
        assert again == first

    def test_gives_a_refusal_again(self, imported: str, migrator: Migrator):
        first = migrator.post("roll_back", expect=409, key="k")
        migrator.post("cut_over")
        assert migrator.post("roll_back", expect=409, key="k") == first
        assert migrator.post("roll_back", key="another")["state"] == "rolled_back"

    def test_with_another_body_is_refused(self, imported: str, database: str, migrator: Migrator):
        migrator.post("cut_over", key="k")
        for step, body in (("cut_over", {"reason": "r"}), ("roll_back", {})):
            problem = migrator.post(step, body, expect=422, key="k")
            assert problem["code"] == "idempotency_key_reused"
        assert migrator.json("consolidation/")["state"] == "cut_over"

    def test_of_somebody_else_is_another_key(self, imported: str, migrator: Migrator):
        migrator.post("cut_over", key="k")
        problem = migrator_called("ada").post("cut_over", expect=409, key="k")
        assert problem["code"] == "illegal_step"
        assert "To roll it back: POST /api/v1/consolidation/roll_back/" in problem["detail"]

    def test_is_tried_again_when_the_first_could_not_be_done(
        self, imported: str, migrator: Migrator
    ):
        with override_settings(SOURCE_DATABASE_URL=""):
            migrator.post("cut_over", expect=503, key="k")
        assert migrator.post("cut_over", key="k")["state"] == "cut_over"

    @pytest.mark.parametrize("key", ["", "a b", "x" * 256, "ключ"])
    def test_must_be_a_key(self, imported: str, database: str, migrator: Migrator, key: str):
        problem = migrator.post("cut_over", expect=400, key=key)
        assert problem["code"] == "idempotency_key_invalid"
        assert states(database) == IMPORTED

    def test_goes_with_its_account(self, imported: str, database: str, migrator: Migrator):
        migrator.post("roll_back", expect=409, key="k")
        User.objects.get(username="grace").delete()
        assert raw.value(database, "SELECT count(*) FROM api_answer") == 0


def test_the_schema_names_the_key_and_the_refusals(viewer: Reader):
    paths = viewer.json("schema/?format=json")["paths"]
    step = paths["/api/v1/consolidation/cut_over/"]["post"]
    assert [one["name"] for one in step["parameters"]] == ["Idempotency-Key"]
    assert {"200", "400", "401", "403", "409", "422", "502", "503"} <= set(step["responses"])


def test_the_answers_are_as_the_schema_says(imported: str, migrator: Migrator):
    document = migrator.json("schema/?format=json")

    def check(path: str, method: str, answer: Any) -> None:
        told = document["paths"][f"/api/v1/{path}"][method]["responses"]["200"]["content"]
        schema = {**told["application/json"]["schema"], "components": document["components"]}
        Draft202012Validator(schema, format_checker=FormatChecker()).validate(answer)

    check("consolidation/cut_over/", "post", migrator.post("cut_over", {"reason": "r"}))
    check("consolidation/roll_back/", "post", migrator.post("roll_back"))
    check("consolidation/", "get", migrator.json("consolidation/"))


def test_it_can_be_browsed(reader_of: Callable[..., Reader]):
    for role in ("viewer", "migrator"):
        page = reader_of(role).get("consolidation/", headers={"Accept": "text/html"})
        assert page["Content-Type"] == "text/html; charset=utf-8"
    # A step is taken on a page of its own, which asks: see test_steps.
    page = reader_of("migrator", "viewer").get(
        "consolidation/cut_over/", expect=302, headers={"Accept": "text/html"}
    )
    assert page["Location"] == "/consolidation/cut_over/"


@pytest.mark.parametrize(
    "body", ["[" * 100_000, '{"a":' * 50_000 + "1" + "}" * 50_000, "[1", "\xff"]
)
def test_a_body_that_cannot_be_read_is_refused(migrator: Migrator, body: str):
    response = migrator.client.post(
        "/api/v1/consolidation/roll_back/", body.encode("latin-1"), content_type="application/json"
    )
    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["code"] == "parse_error"


def test_a_member_whose_name_is_no_text_is_refused_by_it(migrator: Migrator):
    assert migrator.post("roll_back", {"\ud800": 1}, expect=400)["errors"] == {
        "\\ud800": ["There is no such member."]
    }
