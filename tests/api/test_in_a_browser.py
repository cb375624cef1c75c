"""The pages in a real browser, served as in production: by uvicorn, on loopback."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client

from api import accounts
from tests.support.serving import serving

pytestmark = pytest.mark.system

PHONE, DESKTOP = (390, 844), (1440, 900)
# Without these Chromium asks its maker's servers for this and that.
QUIET = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    "--hide-scrollbars",
)


@pytest.fixture
def served(database: str) -> Iterator[str]:
    """The address of the service, once it answers."""
    with serving(database) as address:
        yield address


def browser(*arguments: str, profile: Path) -> str:
    """Run Chromium once, with a profile of its own; what it prints."""
    chromium = shutil.which("chromium")
    assert chromium, "chromium is not installed (Debian's package of that name)"
    done = subprocess.run(
        [chromium, *QUIET, f"--user-data-dir={profile}", *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, "HOME": str(profile)},
        timeout=120,
        check=True,
    )
    return done.stdout


def test_whoever_is_not_logged_in_is_asked_to(served: str, tmp_path: Path):
    page = browser("--dump-dom", f"{served}/", profile=tmp_path)
    assert "<form" in page
    assert 'name="password"' in page
    assert "Traceback" not in page


@pytest.mark.parametrize("width", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_the_first_page_is_drawn_at_any_width(served: str, tmp_path: Path, width: tuple[int, int]):
    picture = tmp_path / "page.png"
    browser(
        f"--screenshot={picture}",
        f"--window-size={width[0]},{width[1]}",
        f"{served}/login/",
        profile=tmp_path,
    )
    data = picture.read_bytes()
    assert data.startswith(b"\x89PNG")
    # Text and form on it: a blank page of one colour compresses to next to nothing.
    assert len(data) > 5_000


def test_a_step_is_not_sent_by_its_button_alone(database: str, tmp_path: Path):
    client = Client()
    client.force_login(accounts.create("grace", roles=["migrator"]))
    page = client.get("/consolidation/cut_over/").content.decode()
    # What the browser itself makes of the form: before the box is ticked, and after.
    ask = """<script>
        const form = document.querySelector("form.step"), before = form.checkValidity();
        form.elements.meant.checked = true;
        const fits = document.documentElement.scrollWidth <= innerWidth;
        document.title = [before, form.checkValidity(), fits];
    </script>"""
    file = tmp_path / "step.html"
    file.write_text(page.replace("</body>", f"{ask}</body>"))
    size = f"--window-size={PHONE[0]},{PHONE[1]}"
    drawn = browser("--dump-dom", size, file.as_uri(), profile=tmp_path)
    assert "<title>false,true,true</title>" in drawn
