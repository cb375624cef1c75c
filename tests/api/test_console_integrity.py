"""The log's integrity on its page: up to where it was checked, by whom, and what was found."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.test import Client, override_settings

from domain.administration.acceptances import ACCEPTANCES_ID
from domain.administration.events import ClockJumpAccepted
from domain.events import Metadata
from infrastructure.documents.keys import read_public_key
from infrastructure.event_store.anchor import read_anchor
from infrastructure.event_store.codec import new_event
from infrastructure.event_store.log import Log
from infrastructure.maintenance.models import MaintenanceRun, RunKind, RunOutcome
from infrastructure.maintenance.runs import ask, end
from projections.services import record
from tests.api.test_console_actions import browser_of
from tests.api.test_console_restores import HOSTILE, page, text
from tests.support import here
from tests.support.forging import forge, unlock
from tests.support.maintenance import at_work, carried_out

PAGE = "/integrity/"


@pytest.fixture
def auditor(database: str, monkeypatch: pytest.MonkeyPatch) -> Client:
    """An auditor with a browser, of a service whose processes work on the test's database."""
    monkeypatch.setenv("DATABASE_URL", database)
    return browser_of("auditor")


def recorded(count: int) -> None:
    for number in range(count):
        record.request_restore(name=f"restore {number}", actor="ada")


def listed(told: str) -> list[tuple[str, str]]:
    """Positions of the anchors on the page, and whether the log has them."""
    return re.findall(r" (\d+) [0-9a-f]{64} (yes|no)", text(told))


def test_the_log_is_checked_in_a_process_of_its_own_and_the_result_stays(auditor: Client):
    recorded(3)
    assert "The log was not checked here yet. It ends at position 3." in text(page(auditor, PAGE))
    answer = auditor.post(PAGE)
    assert (answer.status_code, answer["Location"]) == (302, PAGE)
    assert "The check of the whole log has been started." in text(page(auditor, PAGE))
    assert carried_out().outcome == RunOutcome.DONE
    told = text(page(auditor, PAGE))
    assert "Whole up to position 3." in told
    assert "asked for by a-auditor , took" in told
    assert "Since then nothing was recorded" in told
    assert Log().head().hash.hex() in told
    recorded(1)
    assert "Since then 1 event recorded, not checked yet" in text(page(auditor, PAGE))


def test_a_log_that_was_tampered_with_is_told_with_the_position(auditor: Client, database: str):
    recorded(4)
    connections.close_all()
    forge(database, "UPDATE event_store_event SET topic = 'restore.Started' WHERE position = 3")
    auditor.post(PAGE)
    assert carried_out().outcome == RunOutcome.FOUND
    told = text(page(auditor, PAGE))
    assert "Broken at position 3: its hash is not that of its content" in told
    assert "The 2 events before it are as they were recorded." in told
    assert "found a problem was found, at position 3" in told


def test_what_else_is_wrong_with_the_log_is_listed(auditor: Client, database: str):
    recorded(2)
    connections.close_all()
    unlock(database)
    auditor.post(PAGE)
    carried_out()
    told = text(page(auditor, PAGE))
    assert "Problem found The hash chain is whole up to position 2, but:" in told
    assert "The trigger event_store_event_no_" in told


def test_who_may_not_check_it_sees_the_result_and_who_may(auditor: Client):
    recorded(1)
    auditor.post(PAGE)
    carried_out()
    for role in ("viewer", "operator"):
        client = browser_of(role)
        told = page(client, PAGE)
        assert "Whole up to position 1." in text(told)
        assert "Verify now" not in told
        assert "Download a new anchor" not in told
        for address in (PAGE, f"{PAGE}anchor/"):
            refused = client.post(address)
            assert refused.status_code == 403
            assert "you need the role auditor or migrator" in text(refused.content.decode())
    assert "Verify now" in page(browser_of("migrator"), PAGE)
    assert browser_of().get(PAGE).status_code == 403
    assert Client().get(PAGE).status_code == 302
    assert MaintenanceRun.objects.count() == 1


def test_two_at_once_are_refused_in_words_whatever_they_do(auditor: Client, database: str):
    recorded(1)
    with at_work(database, RunKind.REBUILD):
        told = page(auditor, PAGE)
        assert "running Rebuild of all tables , asked for by grace" in text(told)
        assert "40%: 400,000 of 1,000,000 events" in text(told)
        assert "Verify now" not in told
        refused = auditor.post(PAGE)
        assert refused.status_code == 409
        assert (
            "A rebuild, asked for by grace, is running already, and one runs at a time. "
            "Nothing was started." in text(refused.content.decode())
        )
    assert MaintenanceRun.objects.count() == 1


def test_a_run_that_was_killed_is_noticed_and_the_next_one_starts(auditor: Client, database: str):
    recorded(1)
    with at_work(database, RunKind.VERIFY) as process:
        assert "Check of the whole log , asked for by grace" in text(page(auditor, PAGE))
        process.kill()
        process.wait()
        told = page(auditor, PAGE)
        assert "lost its process ended without a result" in text(told)
        assert "Verify now" in told
        assert auditor.post(PAGE).status_code == 302
        assert carried_out().outcome == RunOutcome.DONE
    told = text(page(auditor, PAGE))
    assert "Whole up to position 1." in told
    assert "lost its process ended without a result" in told


def test_a_run_whose_process_never_came_is_lost_after_a_minute(auditor: Client):
    recorded(1)
    ask(RunKind.VERIFY, actor="grace")
    assert "running" in text(page(auditor, PAGE))
    earlier = MaintenanceRun.objects.get().asked_at - timedelta(minutes=2)
    MaintenanceRun.objects.update(asked_at=earlier)
    assert "lost its process ended without a result" in text(page(auditor, PAGE))


def test_an_anchor_is_downloaded_signed_and_listed(
    auditor: Client, public_key: Path, tmp_path: Path
):
    recorded(2)
    told = page(auditor, PAGE)
    assert "No anchor was issued yet." in told
    answer = auditor.post(f"{PAGE}anchor/")
    assert answer["Content-Disposition"] == 'attachment; filename="anchor-2.json"'
    (tmp_path / "anchor.json").write_bytes(answer.content)
    anchor = read_anchor(tmp_path / "anchor.json", read_public_key(public_key))
    assert (anchor.position, anchor.issued_by) == (2, "a-auditor")
    recorded(1)
    here.run("anchor", "--out", str(tmp_path / "another.json"))
    assert listed(page(auditor, PAGE)) == [("3", "yes"), ("2", "yes")]
    assert json.loads((tmp_path / "another.json").read_bytes())["anchor"]["position"] == 3


def test_an_anchor_that_the_log_no_longer_has_is_marked(
    auditor: Client, public_key: Path, database: str
):
    recorded(2)
    auditor.post(f"{PAGE}anchor/")
    connections.close_all()
    forge(database, "UPDATE event_store_event SET hash = salt WHERE position = 2")
    assert listed(page(auditor, PAGE)) == [("2", "no")]


def compared(auditor: Client, file: bytes | None, name: str = "anchor.json") -> str:
    """What the page says after this file was sent to be compared with the log."""
    sent = {} if file is None else {"anchor": SimpleUploadedFile(name, file)}
    answer = auditor.post(f"{PAGE}anchor/check/", sent)
    assert (answer.status_code, answer["Location"]) == (302, PAGE)
    told = page(auditor, PAGE)
    assert "<script>alert" not in told
    return text(told)


def test_the_log_is_compared_with_the_file_of_an_anchor(
    auditor: Client, public_key: Path, database: str
):
    recorded(2)
    file = auditor.post(f"{PAGE}anchor/").content
    recorded(3)
    assert re.search(
        r"The log has grown from where a-auditor anchored it at \d{4}-[^ ]*: position 2\. "
        r"Events since then: 3\.",
        compared(auditor, file),
    )
    connections.close_all()
    forge(database, "UPDATE event_store_event SET hash = salt WHERE position = 2")
    told = compared(auditor, file)
    assert "This is not the log that was anchored: at position 2 the chain's hash" in told
    assert "Compare the log with a backup of it." in told


def test_what_is_not_an_anchor_of_the_service_is_refused_in_words(
    auditor: Client, public_key: Path
):
    recorded(2)
    file = auditor.post(f"{PAGE}anchor/").content
    assert "choose the file of an anchor" in compared(auditor, None)
    changed = file.replace(b'"position":2', b'"position":1')
    assert changed != file
    for wrong, why in (
        (changed, "was changed after it was signed"),
        (b"x" * 900_000, "it is not JSON"),
        (b"\xff\0{" * 9, "it is not JSON"),
        (b"{}\n", "This is no anchor"),
    ):
        told = compared(auditor, wrong, name=f"a{HOSTILE[:90]}.json")
        assert "cannot be used: " in told
        assert why in told
    for role in ("viewer", "operator"):
        client = browser_of(role)
        assert "Compare the log with the file" not in page(client, PAGE)
        assert client.post(f"{PAGE}anchor/check/").status_code == 403
    assert auditor.get(f"{PAGE}anchor/check/").status_code == 405


def test_without_a_key_or_events_the_page_says_why_there_is_no_anchor(auditor: Client):
    with override_settings(SIGNING_KEY_FILE="", SIGNING_KEY_IS_OURS=False):
        refused = auditor.post(f"{PAGE}anchor/")
    assert refused.status_code == 503
    assert "SIGNING_KEY_FILE" in text(refused.content.decode())


def test_what_was_accepted_of_the_log_is_told_with_the_reason(auditor: Client):
    recorded(1)
    assert "no jump of the clock had to be accepted" in text(page(auditor, PAGE))
    accepted = ClockJumpAccepted(
        originator_id=ACCEPTANCES_ID,
        originator_version=1,
        metadata=Metadata(actor="grace", reason=f"the clock was wrong {HOSTILE}"),
        until=datetime(2026, 1, 31, tzinfo=UTC),
        ahead_seconds=7_200,
        log_position=1,
        chain_head=Log().head().hash.hex(),
    )
    Log().append([new_event(accepted)])
    told = page(auditor, PAGE)
    assert "grace accepted that the log's time was 7,200 seconds ahead" in text(told)
    assert "the clock was wrong" in told
    assert "<script>alert" not in told


def test_pages_stay_small_and_obey_no_text(auditor: Client):
    recorded(1)
    huge = HOSTILE + "x" * 100_000
    for number in range(30):
        run = ask(RunKind.VERIFY, actor=HOSTILE[:150])
        found = {"code": "x", "problem": huge, "position": None}
        result = {
            "position": number,
            "head": "00",
            "chain": "broken",
            "first_bad": 1,
            "problem": huge,
            "findings": [found] * 20,
        }
        outcome = RunOutcome.FOUND if number % 2 else RunOutcome.FAILED
        end(run, outcome, result if number % 2 else {"error": huge})
    told = page(auditor, PAGE)
    assert "<script>alert" not in told
    assert "<img" not in told
