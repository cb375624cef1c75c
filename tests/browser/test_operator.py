"""At three in the morning: last night's restore failed, and somebody new is on call."""

import csv
import io

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PASSWORD, Open
from tests.browser.history import Ordinary

pytestmark = pytest.mark.system


def log_in(page: Page, name: str) -> None:
    """As a person does, who has never been here."""
    page.goto("/")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()


def test_last_nights_failed_restore_is_three_clicks_away(told: Ordinary, visit: Open):
    page = visit().page
    log_in(page, "vic")
    page.get_by_role("navigation").get_by_role("link", name="Restores").click()
    page.get_by_role("link", name="Failed", exact=True).click()
    page.get_by_role("link", name="nightly orders").click()
    facts = page.locator("main")
    expect(facts).to_contain_text("could not write block: disk full")
    expect(facts).to_contain_text("ada requested the restore 'nightly orders'")
    expect(facts).to_contain_text("because: the monthly drill")
    # What changed at each event.
    expect(page.locator(".timeline > li").nth(1)).to_contain_text("pending → in_progress")
    expect(page.locator(".timeline > li").nth(2)).to_contain_text("in_progress → failed")
    # How it looked before.
    page.locator(".timeline > li").nth(1).get_by_role("link", name="The rows as of then").click()
    status = page.get_by_role("row", name="status", exact=False).first
    expect(status).to_contain_text("in_progress")
    expect(status).not_to_contain_text("failed")


def test_it_is_one_search_away(told: Ordinary, visit: Open):
    page = visit("vic").go("/restores/")
    page.get_by_role("searchbox").fill("nightly orders")
    found = page.locator("td.main")
    expect(found).to_have_count(1)  # while one types, without a button
    expect(found).to_contain_text("disk full")
    assert "search=nightly" in page.url
    page.go_back()
    expect(found).not_to_have_count(1)


def test_a_month_is_exported_as_csv(told: Ordinary, visit: Open):
    page = visit("all").go("/restores/?target_database=orders&last=30d")
    with page.expect_download() as sent:
        page.get_by_role("link", name="CSV").first.click()
    with open(sent.value.path(), encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(io.StringIO(file.read())))
    assert len(rows) > 5
    assert {row["target_database"] for row in rows} == {"orders"}
    assert "nightly orders" in {row["name"] for row in rows}


def test_by_keyboard_alone(told: Ordinary, visit: Open):
    page = visit("vic").go("/restores/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip", exact=False)).to_be_focused()
    page.get_by_role("searchbox").focus()
    page.keyboard.type("nightly orders")
    expect(page.locator("td.main")).to_have_count(1)
    for _ in range(60):
        page.keyboard.press("Tab")
        at = page.evaluate("document.activeElement.textContent")
        if at == "nightly orders":
            break
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("nightly orders")


def test_a_viewer_is_offered_nothing_that_changes_anything(told: Ordinary, visit: Open):
    for path in (f"/restores/{told.failed}/", f"/restores/{told.running}/", "/consolidation/"):
        page = visit("vic").go(path)
        main = page.locator("main")
        expect(main.locator("form[method=post]")).to_have_count(0)
        for name in ("Cut over", "Roll back", "Amend", "Cancel", "Validate", "Mark interrupted"):
            expect(main.get_by_role("link", name=name, exact=False)).to_have_count(0)
            expect(main.get_by_role("button", name=name, exact=False)).to_have_count(0)
    visitor = visit("vic")
    answer = visitor.page.goto("/consolidation/cut_over/")
    assert answer is not None
    assert answer.status == 403
    assert "migrator" in visitor.text()


def test_what_cannot_be_understood_is_said_above_the_rows(told: Ordinary, visit: Open):
    page = visit("vic").go("/restores/")
    expect(page.locator("td.main").first).to_be_visible()
    page.get_by_label("From").fill("whenever")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("alert")).to_contain_text("whenever")
    page.get_by_label("From").fill("30d")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(page.locator("td.main").first).to_be_visible()
