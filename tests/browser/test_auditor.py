"""An auditor, who disbelieves: who did what, why, and whether the log is whole."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Open
from tests.browser.history import Ordinary

pytestmark = pytest.mark.system


def test_everything_that_one_person_did(told: Ordinary, visit: Open):
    page = visit("aud").go("/")
    page.get_by_role("navigation").get_by_role("link", name="Audit").click()
    page.get_by_role("link", name="grace", exact=True).first.click()
    said = page.locator(".timeline > li")
    expect(said.first).to_be_visible()
    for text in said.all_inner_texts():
        assert "grace" in text


def test_every_amendment_with_old_new_and_why(told: Ordinary, visit: Open):
    page = visit("aud").go("/audit/")
    page.get_by_role("link", name="Amendments", exact=True).click()
    said = page.locator(".timeline > li")
    expect(said).to_have_count(1)
    for text in ("ada", "bilin", "billing", "a slip of the pen"):
        expect(said).to_contain_text(text)


def test_every_overwrite(told: Ordinary, visit: Open):
    page = visit("aud").go("/audit/")
    page.get_by_role("link", name="Overwrites", exact=True).click()
    found = page.locator("main")
    for day in (5, 10, 15, 20, 25, 30):
        expect(found).to_contain_text(f"drill {day}")
    expect(found).not_to_contain_text("drill 12")


def test_an_auditor_checks_the_log(told: Ordinary, visit: Open):
    page = visit("aud").go("/")
    page.get_by_role("navigation").get_by_role("link", name="Integrity").click()
    page.get_by_role("button", name="Verify now").click()
    expect(page.locator("main")).to_contain_text("Whole up to position", timeout=60_000)
    expect(page.locator("main")).to_contain_text("asked for by aud")
