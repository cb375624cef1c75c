"""What the consolidation's pages say before a step, and what they show of one afterwards."""

import re
from hashlib import sha256
from pathlib import Path

import pytest
from django.test import Client, override_settings

from api.console import certificates
from infrastructure.event_store.codec import new_event
from infrastructure.event_store.log import Log
from projections.services.appending import bring_up_to_date
from tests.api.test_console_actions import browser_of
from tests.api.test_console_restores import HOSTILE, page, text
from tests.api.test_steps import MEANT
from tests.builders import completed, requested, started
from tests.support import raw

GAPS = "/consolidation/unrepresentable/"


@pytest.fixture
def migrator(database: str) -> Client:
    return browser_of("migrator")


def consolidated_rows(database: str) -> int:
    return raw.value(database, "SELECT count(*) FROM system_backups_restorelog")


def recorded_here() -> None:
    """Two restores that the legacy table cannot represent, one of them in two ways."""
    events = [
        *(requested(1, is_overwrite=True), started(1), completed(1, outcome="partial")),
        requested(2, restore_type="files", name=HOSTILE),
    ]
    Log().append([new_event(event) for event in events])
    bring_up_to_date()


def previewed(told: str) -> tuple[int, int, int]:
    """Rows of restores now, imported legacy rows, and rows afterwards."""
    (row,) = re.findall(r'<td class="main">system_backups\.RestoreLog</td>.*?</tr>', told, re.S)
    now, legacy, after = (int(n.replace(",", "")) for n in re.findall(r">([0-9,]+)</td>", row))
    return now, legacy, after


def test_a_step_says_before_what_it_would_do_and_that_is_what_it_does(
    imported: str, database: str, migrator: Client
):
    recorded_here()
    told = page(migrator, "/consolidation/cut_over/")
    assert "compares every row of all four tables with the host" in text(told)
    now, legacy, after = previewed(told)
    assert (now, after) == (consolidated_rows(database), now + legacy)
    assert legacy > 0
    migrator.post("/consolidation/cut_over/", MEANT)
    assert consolidated_rows(database) == after
    assert previewed(page(migrator, "/consolidation/roll_back/")) == (after, legacy, now)
    assert "a last signed certificate" in text(page(migrator, "/consolidation/retire/"))
    migrator.post("/consolidation/roll_back/", MEANT)
    assert consolidated_rows(database) == now


def test_a_certificate_is_read_and_downloaded(imported: str, database: str, migrator: Client):
    migrator.post("/consolidation/cut_over/", {**MEANT, "reason": f"the window {HOSTILE}"})
    (address,) = set(
        re.findall(r'href="(/consolidation/certificates/[^"]*)"', page(migrator, "/consolidation/"))
    )
    told = page(migrator, address)
    assert "<script>alert" not in told
    assert "Equal Every row of the tables here was compared with the host" in text(told)
    assert "Issued for the cut-over" in text(told)
    assert "by a-migrator , as event" in text(told)
    assert "the window" in text(told)
    file = migrator.get(f"{address}file/")
    assert sha256(file.content).hexdigest() == address.split("/")[3]
    assert file["Content-Disposition"].startswith('attachment; filename="cut-over-')
    for role in ("viewer", "operator"):
        client = browser_of(role)
        assert "you need the role auditor or migrator" in text(page(client, address))
        assert client.get(f"{address}file/").status_code == 403
    assert browser_of("auditor").get(f"{address}file/").status_code == 200
    assert browser_of().get(address).status_code == 403
    for unknown in ("ab" * 32, "..", "x"):
        assert migrator.get(f"/consolidation/certificates/{unknown}/").status_code == 404
        assert migrator.get(f"/consolidation/certificates/{unknown}/file/").status_code == 404


def test_a_certificate_whose_file_is_elsewhere_says_so(
    imported: str, migrator: Client, tmp_path: Path
):
    migrator.post("/consolidation/cut_over/", MEANT)
    (address,) = set(
        re.findall(r'href="(/consolidation/certificates/[^"]*)"', page(migrator, "/consolidation/"))
    )
    with override_settings(BASE_DIR=tmp_path / "another"):
        told = page(migrator, address)
        assert "not in the service’s own folder" in text(told)
        assert "/file/" not in told
        assert migrator.get(f"{address}file/").status_code == 404


def test_what_the_legacy_table_cannot_represent_is_listed(imported: str, migrator: Client):
    assert "represents everything that was recorded here" in text(page(migrator, GAPS))
    recorded_here()
    told = page(browser_of("viewer"), GAPS)
    assert "<script>alert" not in told
    said = text(told)
    assert "3 in all." in said
    assert "status partial the legacy table has no partial outcome and shows completed" in said
    assert "is overwrite yes" in said.replace("_", " ")
    assert "the whole restore files the legacy table holds restores of databases only" in said
    assert browser_of().get(GAPS).status_code == 403


def test_the_list_is_bounded_and_says_up_to_where_it_reaches(
    database: str, migrator: Client, monkeypatch: pytest.MonkeyPatch
):
    events = [requested(number, restore_type="files") for number in range(1, 151)]
    Log().append([new_event(event) for event in events])
    told = page(migrator, GAPS)
    said = "150 in all; the first 100 are shown. For all: manage.py consolidation --unrepresentable"
    assert said in text(told)
    assert told.count('<td class="main">') == 100
    monkeypatch.setattr(certificates, "MOST_EVENTS", 120)
    told = text(page(migrator, GAPS))
    assert "This is as of position 120. The log ends at 150" in told
    assert "120 in all up to there; the first 100 are shown." in told
