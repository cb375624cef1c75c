"""The consolidation, step by step, by whoever may take its steps."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Open
from tests.support import raw

pytestmark = pytest.mark.system

LEGACY = "SELECT count(*) FROM {} WHERE origin = 'legacy'"


def test_a_migrator_cuts_over_and_rolls_back(database: str, host: str, visit: Open):
    expected = raw.value(host, "SELECT count(*) FROM database_management_restorelog")
    visitor = visit("mig")
    page = visitor.go("/")
    page.get_by_role("navigation").get_by_role("link", name="Consolidation").click()
    page.get_by_role("link", name="Cut over", exact=True).click()

    # The button alone does nothing: the browser itself asks for the tick.
    page.get_by_role("button", name="Cut over").click()
    assert page.url.endswith("/cut_over/")
    page.get_by_label("Reason", exact=False).fill("the window")
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Cut over").click()
    expect(page.locator("section.told")).to_contain_text("Cut over at position", timeout=60_000)
    page.goto("/restores/?origin=legacy")
    expect(page.locator("td.main").first).to_be_visible()

    page.goto("/consolidation/")
    page.get_by_role("link", name="Roll back", exact=True).click()
    page.get_by_label("Reason", exact=False).fill("an old report")
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Roll back").click()
    expect(page.locator("section.told")).to_contain_text("Rolled back at position", timeout=60_000)
    expect(page.locator("main")).to_contain_text("an old report")
    expect(page.locator("main")).to_contain_text("the window")
    page.goto("/restores/?origin=legacy")
    expect(page.locator("td.main")).to_have_count(0)
    visitor.check()
    assert expected > 0
