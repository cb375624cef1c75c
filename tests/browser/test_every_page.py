"""Every page that links lead to: for everybody's eyes, at any width, with any text on it."""

import os
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser import history
from tests.browser.chromium import PHONE, Visitor
from tests.browser.conftest import Open
from tests.browser.crawling import pages
from tests.browser.pictures import looks, picture
from tests.support.pages import kind_of_page
from tests.support.service import run

pytestmark = pytest.mark.system

RULES = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    },
    "resultTypes": ["violations"],
}
PICTURES = os.environ.get("PICTURES", "")
"""A folder for a picture of each page, to be looked at; `make pictures` makes them."""
LEAST = 12
"""So many kinds of page there are at least: fewer, and links have been lost."""
AFTERWARDS = {
    *("/consolidation/certificates/<id>/", "/consolidation/roll_back/", "/consolidation/retire/"),
}
"""The pages that there are after a cut-over."""


DATA = {"ordinary": history.ordinary_restore, "odd": history.odd, "empty": history.nothing}
SHOWN = [
    ("ordinary", "sqlite"),
    ("ordinary", "postgresql"),
    ("odd", "postgresql"),
    ("empty", "sqlite"),
]
TABS = 40
"""How many more presses of Tab than there are controls: the browser has its own, too."""
WATCH = """() => {
  const all = "a[href], button, input, select, textarea, summary, [tabindex='0']";
  window.unreached = new Set([...document.querySelectorAll(all)].filter((one) =>
    one.type !== "hidden" && !one.disabled && one.checkVisibility({visibilityProperty: true})));
  window.unseen = [];
  document.addEventListener("focusin", ({target}) => {
    window.unreached.delete(target);
    const style = getComputedStyle(target);
    const shown = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
    if (!shown) window.unseen.push(target.outerHTML.slice(0, 200));
  });
  document.body.focus();
  return window.unreached.size;
}"""
LEFT = """() => [...window.unreached].filter((one) => one.isConnected)
  .map((one) => one.outerHTML.slice(0, 200))"""


@pytest.fixture
def begin(what: str, database: str) -> list[str]:
    """Pages to begin with, after the first one. The log then has what is to be shown."""
    return [f"/restores/{one}/" for one in DATA[what]()]


@pytest.fixture
def consolidated(database: str, host: str) -> str:
    """A service that was cut over, with restores that the legacy table cannot represent."""
    history.ordinary()
    run("cut_over", "--yes", "--reason", history.HOSTILE, database=database, source=host)
    return host


@pytest.mark.parametrize(("what", "vendor"), SHOWN, indirect=["vendor"])
def test_every_page_can_be_read_by_everybody(what: str, vendor: str, begin: list[str], visit: Open):
    kinds = _read_by_everybody(visit("all"), begin, Path(vendor, what))
    assert what == "empty" or len(kinds) >= LEAST, sorted(kinds)


@pytest.mark.parametrize("vendor", ["postgresql"], indirect=True)
def test_so_can_every_page_after_a_cut_over(vendor: str, consolidated: str, visit: Open):
    assert _read_by_everybody(visit("all"), [], Path(vendor, "consolidated")) >= AFTERWARDS


@pytest.mark.parametrize("what", ["ordinary"])
def test_a_phone_that_is_turned_needs_no_drawing_to_fit(what: str, begin: list[str], visit: Open):
    """The chart is drawn anew a moment after the window changed; here it never is."""
    visitor = visit("all")
    visitor.window.add_init_script("window.ResizeObserver = class { observe() {} };")
    page = visitor.go("/")
    assert page.locator("[data-chart] canvas").count() == 1
    width, height = PHONE
    page.set_viewport_size({"width": width, "height": height})
    visitor.check()


def _read_by_everybody(visitor: Visitor, begin: list[str], folder: Path) -> set[str]:
    """Look at every page in all ways; the kinds of pages that there were."""
    kinds, faults = set[str](), list[str]()
    for path in pages(visitor, *begin):
        kinds.add(kind_of_page(path))
        for scheme, width in looks(visitor):
            visitor.check()
            faults += _faults(visitor, f"{path}, {scheme}, {width} px")
            if PICTURES:
                picture(visitor, path, scheme, width, Path(PICTURES) / folder)
    assert not faults, "\n".join(faults)
    return kinds


def _faults(visitor: Visitor, where: str) -> list[str]:
    """What axe finds that stands against WCAG 2.2 AA."""
    found = Axe().run(visitor.page, options=RULES).response["violations"]
    return [
        f"{where}: {one['id']}: {node['html'][:200]} {node['failureSummary']}"
        for one in found
        for node in one["nodes"][:3]
    ]


@pytest.mark.parametrize("what", ["ordinary"])
def test_every_page_works_without_javascript(what: str, begin: list[str], visit: Open):
    found = list(pages(visit("all"), *begin))
    _work_without_javascript(found, visit)
    assert len(found) >= LEAST


def test_so_does_every_page_after_a_cut_over(consolidated: str, visit: Open):
    found = list(pages(visit("all")))
    _work_without_javascript(found, visit)
    assert {*map(kind_of_page, found)} >= AFTERWARDS


def _work_without_javascript(found: list[str], visit: Open) -> None:
    without = visit("all", java_script_enabled=False)
    for path in found:
        page = without.go(path)
        assert page.get_by_role("heading", level=1).count() == 1, path
        assert page.get_by_role("navigation").first.is_visible(), path


@pytest.mark.parametrize(("what", "vendor"), [("ordinary", "sqlite")], indirect=["vendor"])
def test_every_link_and_control_is_reached_by_keyboard_and_seen_to_be(
    what: str, vendor: str, begin: list[str], visit: Open
):
    _reached_by_keyboard(visit("all"), begin)


def test_so_are_those_of_the_pages_after_a_cut_over(consolidated: str, visit: Open):
    _reached_by_keyboard(visit("all"), [])


def _reached_by_keyboard(visitor: Visitor, begin: list[str]) -> None:
    for path in pages(visitor, *begin):
        count = visitor.page.evaluate(WATCH)
        for _ in range(count + TABS):
            visitor.page.keyboard.press("Tab")
        assert visitor.page.evaluate(LEFT) == [], path
        assert visitor.page.evaluate("window.unseen") == [], path
