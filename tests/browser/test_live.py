"""What changes while a page is open: no row is missed or doubled, and a lost service is said."""

import re
from concurrent.futures import ThreadPoolExecutor
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import expect

from api import accounts
from projections.services import record
from tests.browser.conftest import Open, meanwhile
from tests.browser.history import Ordinary

pytestmark = pytest.mark.system

WRITERS, EACH = 16, 2


@pytest.fixture
def token(database: str) -> str:
    """Of an account that records over REST."""
    return accounts.new_token(accounts.create("writer", roles=["operator"]))


def test_a_list_follows_sixteen_writers(database: str, token: str, visit: Open):
    visitor = visit("vic")
    page = visitor.go("/restores/")

    def write(number: int) -> None:
        for one in range(EACH):
            body = f'{{"name": "written {number} {one}", "target_database": "orders"}}'
            request = Request(
                f"{visitor.address}/api/v1/restores/",
                body.encode(),
                {"Authorization": f"Token {token}", "Content-Type": "application/json"},
            )
            urlopen(request, timeout=30).close()

    with ThreadPoolExecutor(WRITERS) as writers:
        list(writers.map(write, range(WRITERS)))
    names = page.locator("td.main a")
    expect(names).to_have_count(WRITERS * EACH, timeout=30_000)
    expected = {f"written {number} {one}" for number in range(WRITERS) for one in range(EACH)}
    assert sorted(names.all_inner_texts()) == sorted(expected)


def test_a_restore_that_runs_ends_before_ones_eyes(told: Ordinary, visit: Open):
    page = visit("vic").go(f"/restores/{told.running}/")
    steps = page.locator(".timeline > li")
    expect(steps).to_have_count(2)
    meanwhile(lambda: record.complete_restore(told.running, actor="grace"))
    expect(steps).to_have_count(3, timeout=30_000)
    expect(page.locator("main")).to_contain_text("completed")


def test_a_lost_connection_is_shown_and_healed(told: Ordinary, visit: Open):
    visitor = visit("vic")
    page = visitor.go("/restores/")
    status = page.get_by_role("status").filter(has_text=re.compile("kept up to date|No answer"))
    expect(status).to_contain_text("kept up to date")
    visitor.window.set_offline(True)
    expect(status).to_contain_text("No answer from the service", timeout=30_000)
    meanwhile(lambda: record.request_restore(name="while it was lost", actor="ada"))
    visitor.window.set_offline(False)
    expect(status).to_contain_text("kept up to date", timeout=30_000)
    expect(page.locator("td.main", has_text="while it was lost")).to_have_count(1)
    # On the console, htmx names each request that was lost.
    assert all("htmx:" in one for one in visitor.faults), visitor.faults
    visitor.faults.clear()
