"""A service with a history, and people who look at it."""

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connections
from django.test import Client

from api import accounts
from tests.acceptance.ready import ready
from tests.browser import history
from tests.browser.chromium import Visitor, chromium
from tests.conftest import use
from tests.support.service import run
from tests.support.serving import serving

PASSWORD = "correct horse battery staple"
PEOPLE = {
    "vic": ("viewer",),
    "olga": ("operator",),
    "aud": ("auditor",),
    "mig": ("migrator",),
    "all": ("operator", "auditor", "migrator"),
}
"""Accounts by name, with their roles."""

Open = Callable[..., Visitor]


@pytest.fixture
def sessions(database: str) -> dict[str, str]:
    """A session of each of `PEOPLE`, by name."""
    keys = {}
    for name, roles in PEOPLE.items():
        client = Client()
        client.force_login(accounts.create(name, roles=roles, password=PASSWORD))
        keys[name] = client.cookies[settings.SESSION_COOKIE_NAME].value
    return keys


@pytest.fixture
def host(database: str, templates: dict[str, str], tmp_path: Path) -> str:
    """A host that was imported; the service that is visited imports from it, too."""
    shutil.copyfile(ready(templates).host, tmp_path / "host.sqlite3")
    use(database)
    url = f"sqlite:///{tmp_path}/host.sqlite3"
    run("import_host", database=database, source=url)
    return url


@pytest.fixture
def told(database: str) -> history.Ordinary:
    """What is in the log."""
    return history.ordinary()


@pytest.fixture
def visit(
    request: pytest.FixtureRequest, database: str, sessions: dict[str, str]
) -> Iterator[Open]:
    """Opens a window for one of `PEOPLE`, or, without a name, for whoever is not logged in.

    Ask for it after the fixtures that write: Playwright keeps Django off this thread.
    """
    opened: list[Visitor] = []
    with ExitStack() as stack:
        source = {}
        if "host" in request.fixturenames:
            source = {"SOURCE_DATABASE_URL": request.getfixturevalue("host")}
        address = stack.enter_context(serving(database, source))
        browser = stack.enter_context(chromium())

        def open_for(name: str | None = None, **how: Any) -> Visitor:
            session = None if name is None else sessions[name]
            opened.append(Visitor(browser, address, session, **how))
            return opened[-1]

        yield open_for
        for one in opened:
            assert one.faults == []


def meanwhile(work: Callable[[], Any]) -> Any:
    """Do this in a thread of its own, where Django's databases can be used."""
    found: list[Any] = []

    def run_there() -> None:
        try:
            found.append(work())
        finally:
            connections.close_all()

    thread = threading.Thread(target=run_there)
    thread.start()
    thread.join()
    (result,) = found
    return result
