"""Pictures of every page, to be looked at: `make pictures`; of a database that there is already:

`python -m tests.browser.pictures --database URL --account NAME --out FOLDER [--also PATH …]`

The account must be there; nothing is written but its session.
"""

import argparse
import os
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from tests.browser.chromium import DESKTOP, PHONE, Visitor, chromium
from tests.browser.crawling import pages
from tests.support.pages import kind_of_page
from tests.support.serving import serving

SCHEMES = ("light", "dark")
HIGHEST = 12_000
"""Pixels of a picture's height: more of a page than that nobody looks at."""


PATIENCE = 120_000
"""Milliseconds for a page of a large database on a busy machine."""


def looks(visitor: Visitor) -> Iterator[tuple[str, int]]:
    """Show the present page in light and in dark, on a phone and on a wide screen."""
    for scheme in SCHEMES:
        visitor.page.emulate_media(color_scheme=scheme)
        for width, height in (PHONE, DESKTOP):
            visitor.page.set_viewport_size({"width": width, "height": height})
            yield scheme, width


def picture(visitor: Visitor, path: str, scheme: str, width: int, folder: Path) -> None:
    """A picture of the page at this path as it is shown now."""
    kind = kind_of_page(path.partition("?")[0]).strip("/")
    asked = path.partition("?")[2].replace("=", "-").replace("&", "-")
    name = "-".join(filter(None, (kind.replace("/", "-").replace("<id>", "one"), asked)))
    file = folder / f"{name or 'overview'}-{width}-{scheme}.png"
    file.parent.mkdir(parents=True, exist_ok=True)
    high = visitor.page.evaluate("document.documentElement.scrollHeight")
    clip = {"x": 0, "y": 0, "width": width, "height": min(high, HIGHEST)}
    # To hide the caret, Playwright would add a style, which the page's policy refuses.
    visitor.page.screenshot(path=file, full_page=True, clip=clip, caret="initial")


def session_of(account: str) -> str:
    """A new session of this account of the database that the environment names."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "infrastructure.settings")
    django.setup()
    from django.conf import settings
    from django.test import Client

    from api import accounts

    client = Client()
    client.force_login(accounts.find(account))
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.browser.pictures", description=__doc__)
    parser.add_argument("--database", required=True, metavar="URL")
    parser.add_argument("--account", required=True, metavar="NAME")
    parser.add_argument("--out", required=True, type=Path, metavar="FOLDER")
    parser.add_argument("--also", nargs="*", default=[], metavar="PATH", help="with a query")
    options = parser.parse_args()
    os.environ |= {"DATABASE_URL": options.database, "DEBUG": "1"}
    session = session_of(options.account)
    with serving(options.database) as address, chromium() as browser:
        visitor = Visitor(browser, address, session)
        visitor.window.set_default_timeout(PATIENCE)
        for path in chain(pages(visitor), options.also):
            visitor.go(path)
            for scheme, width in looks(visitor):
                picture(visitor, path, scheme, width, options.out)
            print(path, flush=True)
        assert visitor.faults == [], visitor.faults


if __name__ == "__main__":
    main()
