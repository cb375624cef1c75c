"""Every page that links lead to: for everybody's eyes, at any width, with any text on it."""

import os
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser import history
from tests.browser.chromium import DESKTOP, PHONE, Visitor
from tests.browser.conftest import Open
from tests.browser.crawling import kind, pages

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


DATA = {"ordinary": history.ordinary_restore, "odd": history.odd, "empty": history.nothing}
SHOWN = [
    ("ordinary", "sqlite"),
    ("ordinary", "postgresql"),
    ("odd", "postgresql"),
    ("empty", "sqlite"),
]


@pytest.fixture
def begin(what: str, database: str) -> list[str]:
    """Pages to begin with, after the first one. The log then has what is to be shown."""
    return [f"/restores/{one}/" for one in DATA[what]()]


@pytest.mark.parametrize(("what", "vendor"), SHOWN, indirect=["vendor"])
def test_every_page_can_be_read_by_everybody(what: str, vendor: str, begin: list[str], visit: Open):
    visitor, kinds, faults = visit("all"), set[str](), list[str]()
    for path in pages(visitor, *begin):
        kinds.add(kind(path))
        for scheme in ("light", "dark"):
            visitor.page.emulate_media(color_scheme=scheme)
            for width, height in (PHONE, DESKTOP):
                visitor.page.set_viewport_size({"width": width, "height": height})
                visitor.check()
                faults += _faults(visitor, f"{path}, {scheme}, {width} px")
                if PICTURES:
                    name = kind(path).strip("/").replace("/", "-").replace("<id>", "one")
                    picture = f"{name or 'overview'}-{width}-{scheme}.png"
                    visitor.page.screenshot(
                        path=Path(PICTURES, vendor, what, picture), full_page=True
                    )
    assert not faults, "\n".join(faults)
    assert what == "empty" or len(kinds) >= LEAST, sorted(kinds)


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
    without = visit("all", java_script_enabled=False)
    for path in found:
        page = without.go(path)
        assert page.get_by_role("heading", level=1).count() == 1, path
        assert page.get_by_role("navigation").first.is_visible(), path
    assert len(found) >= LEAST
