"""The consolidation on pages: what was done, and a deliberate act for what is done next."""

import html
import re
from pathlib import Path

import pytest
from django.test import Client, override_settings

from api import accounts, steps
from infrastructure.event_store.codec import new_event
from infrastructure.event_store.log import Log
from tests.api.test_consolidation import IMPORTED, legacy_rows, states
from tests.builders import completed, requested, started
from tests.support import here, raw

WHAT = {"cut_over": steps.CUT_OVER, "roll_back": steps.ROLL_BACK, "retire": steps.RETIRE}
MEANT = {"meant": "on"}


def browser_of(*roles: str) -> Client:
    client = Client()
    client.force_login(accounts.create(f"a-{'-'.join(roles) or 'nobody'}", roles=roles))
    return client


@pytest.fixture
def migrator(database: str) -> Client:
    return browser_of("migrator")


def text_of(response: object) -> str:
    """What a page says, without tags."""
    page = response.content.decode()  # type: ignore[attr-defined]
    (main,) = re.findall(r"<main.*?</main>", page, re.DOTALL)
    return html.unescape(" ".join(re.sub(r"<[^>]*>", " ", main).split()))


def test_the_whole_way_in_the_browser(database: str, imported: str, migrator: Client):
    there = migrator.post("/consolidation/cut_over/", {**MEANT, "reason": "the window"})
    assert (there.status_code, there["Location"]) == (302, "/consolidation/")
    told = text_of(migrator.get("/consolidation/"))
    assert told.startswith("Consolidation Cut over at position ")
    assert "The certificate is on the server: " in told
    assert legacy_rows(database) > 0

    migrator.post("/consolidation/roll_back/", {**MEANT, "reason": "an old report"})
    assert legacy_rows(database) == 0
    migrator.post("/consolidation/cut_over/", MEANT)
    migrator.post("/consolidation/retire/", {**MEANT, "reason": "the old app is gone"})
    assert states(database)[-1] == "Retired"

    told = text_of(migrator.get("/consolidation/"))
    steps = ("Retired the old app is gone", "Cut over no reason given", "Rolled back an old report")
    places = [told.index(f"a-migrator {step}") for step in steps]
    assert places == sorted(places)


@pytest.mark.parametrize("step", ["cut_over", "roll_back", "retire"])
def test_a_button_alone_does_nothing(imported: str, database: str, migrator: Client, step: str):
    if step != "cut_over":
        migrator.post("/consolidation/cut_over/", MEANT)
    before = states(database)
    page = migrator.get(f"/consolidation/{step}/")
    assert page.status_code == 200
    assert '<input type="checkbox" name="meant" required>' in page.content.decode()
    assert WHAT[step] in text_of(page)
    refused = migrator.post(f"/consolidation/{step}/", {"reason": "a slip"})
    assert refused.status_code == 422
    assert "Nothing was done: tick the box." in text_of(refused)
    assert 'value="a slip"' in refused.content.decode()
    empty = migrator.post(f"/consolidation/{step}/")
    assert (empty.status_code, "tick the box" in text_of(empty)) == (422, True)
    assert states(database) == before


def test_the_end_takes_a_reason(imported: str, database: str, migrator: Client):
    migrator.post("/consolidation/cut_over/", MEANT)
    refused = migrator.post("/consolidation/retire/", {**MEANT, "reason": " "})
    assert refused.status_code == 422
    assert "Nothing was done: a reason is needed." in text_of(refused)
    assert states(database)[-1] == "CutOver"


def test_a_step_that_cannot_be_taken_is_not_offered(imported: str, database: str, migrator: Client):
    offered = migrator.get("/consolidation/").content.decode()
    assert "/consolidation/cut_over/" in offered
    assert "/consolidation/roll_back/" not in offered
    page = migrator.get("/consolidation/roll_back/")
    assert "There is nothing to roll back." in text_of(page)
    assert 'name="meant"' not in page.content.decode()
    assert migrator.post("/consolidation/roll_back/", MEANT).status_code == 409
    migrator.post("/consolidation/cut_over/", MEANT)
    again = text_of(migrator.post("/consolidation/cut_over/", MEANT))
    assert "To roll it back: the step “Roll back”" in again
    assert states(database)[-1] == "CutOver"


def test_quarantined_rows_are_accepted_by_number_and_reason(
    host: str, database: str, migrator: Client
):
    raw.execute(
        host,
        f"UPDATE system_backups_restorelog SET name = '{'n' * 256}' WHERE id = "
        "(SELECT min(id) FROM system_backups_restorelog)",
    )
    here.run("import_host", source=host)
    refused = migrator.post("/consolidation/cut_over/", MEANT)
    assert refused.status_code == 422
    assert "by number and reason: “Quarantined rows accepted” (1) and “Reason” below" in text_of(
        refused
    )
    form = {**MEANT, "accept_quarantined": "1", "reason": "known"}
    assert migrator.post("/consolidation/cut_over/", form).status_code == 302


def test_a_host_that_cannot_be_read_is_told_on_the_page(
    imported: str, tmp_path: Path, migrator: Client, caplog: pytest.LogCaptureFixture
):
    with override_settings(SOURCE_DATABASE_URL=f"sqlite:///{tmp_path}/nothing.sqlite3"):
        page = migrator.post("/consolidation/cut_over/", MEANT)
    assert page.status_code == 502
    assert "host_unreachable" in caplog.text


def test_what_the_legacy_table_cannot_say_is_told(imported: str, migrator: Client):
    migrator.post("/consolidation/cut_over/", MEANT)
    events = [requested(1, is_overwrite=True), started(1), completed(1)]
    Log().append([new_event(event) for event in events])
    migrator.post("/consolidation/roll_back/", MEANT)
    assert "What the legacy table cannot represent (1) stays in the log." in text_of(
        migrator.get("/consolidation/")
    )


def test_only_a_migrator_takes_steps(imported: str, database: str):
    viewer = browser_of("viewer")
    assert "All steps" in text_of(viewer.get("/consolidation/"))
    assert "/consolidation/cut_over/" not in viewer.get("/consolidation/").content.decode()
    for send in (viewer.get, viewer.post):
        refused = send("/consolidation/cut_over/", MEANT)
        assert refused.status_code == 403
        assert "you need the role migrator" in text_of(refused)
    assert browser_of().get("/consolidation/").status_code == 403
    for path in ("/consolidation/", "/consolidation/cut_over/"):
        assert Client().get(path)["Location"] == f"/login/?next={path}"
    assert states(database) == IMPORTED


def test_a_forged_form_does_nothing(imported: str, database: str):
    client = Client(enforce_csrf_checks=True)
    client.force_login(accounts.create("grace", roles=["migrator"]))
    assert client.post("/consolidation/cut_over/", MEANT).status_code == 403
    assert states(database) == IMPORTED


@pytest.mark.parametrize("step", ["cut_over", "roll_back", "retire"])
def test_the_apis_address_of_a_step_leads_a_browser_to_its_page(migrator: Client, step: str):
    address = f"/api/v1/consolidation/{step}/"
    led = migrator.get(address, headers={"Accept": "text/html"})
    assert (led.status_code, led["Location"]) == (302, f"/consolidation/{step}/")
    assert migrator.get(address).json()["code"] == "method_not_allowed"
    # Nor does any other page of it have a button that sends an empty body.
    page = migrator.options(address, headers={"Accept": "text/html"}).content.decode()
    assert 'method="POST"' not in page


def test_there_is_no_other_step(migrator: Client):
    assert migrator.get("/consolidation/nonsense/").status_code == 404
