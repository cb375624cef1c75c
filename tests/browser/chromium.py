"""Chromium, driven by Playwright, and what a page must never do in it."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

# Without these Chromium asks its maker's servers for this and that.
QUIET = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
PHONE, DESKTOP = (390, 844), (1280, 900)


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser. While it is open, this thread cannot use Django's databases."""
    path = shutil.which("chromium")
    assert path, "chromium is not installed (Debian's package of that name)"
    with sync_playwright() as tools:
        browser = tools.chromium.launch(executable_path=path, args=list(QUIET))
        yield browser
        browser.close()


class Visitor:
    """Somebody with a window of the browser, logged in. Notes what their pages should not do."""

    def __init__(self, browser: Browser, address: str, session: str | None, **how: Any) -> None:
        how.setdefault("viewport", dict(zip(("width", "height"), DESKTOP, strict=True)))
        self.address = address
        self.window: BrowserContext = browser.new_context(base_url=address, **how)
        self.window.set_default_timeout(15_000)
        if session is not None:
            self.window.add_cookies([{"name": "sessionid", "value": session, "url": address}])
        self.faults: list[str] = []
        self.page: Page = self.window.new_page()
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.faults.append(f"an error: {error}"))
        self.page.on("request", self._asked)

    def _said(self, message: Any) -> None:
        # What a browser says about an answer such as 403, which a test asks for on purpose.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.faults.append(f"on the console of {self.page.url}: {message.text}")

    def _asked(self, request: Any) -> None:
        parts = urlsplit(request.url)
        if (
            parts.scheme not in ("data", "blob")
            and f"{parts.scheme}://{parts.netloc}" != self.address
        ):
            self.faults.append(f"a request to another host: {request.url}")

    def go(self, path: str) -> Page:
        self.page.goto(path)
        return self.page

    def text(self) -> str:
        """What the page says, its spaces made one."""
        return " ".join(self.page.inner_text("body").split())

    def check(self) -> None:
        """No script of a stranger ran, nothing asked another host, nothing stands out sideways."""
        assert self.page.title() != "ran", "a text of the data ran as a script"
        wide = self.page.evaluate(
            "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
        )
        assert wide[0] <= wide[1], f"{self.page.url} is {wide[0]} px wide, of {wide[1]}"
        assert self.faults == []
