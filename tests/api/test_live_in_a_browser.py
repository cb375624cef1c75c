"""Live parts in a real browser: they follow, say what is wrong, and heal without a reload."""

import re
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from django.conf import settings
from django.db import connections
from django.test import Client

from api import accounts
from projections.services import record
from tests.api.test_console_restores import names
from tests.api.test_in_a_browser import browser
from tests.support.serving import serving

pytestmark = pytest.mark.system

LONG = "--virtual-time-budget=20000"
"""Milliseconds on the page's clock, which runs ahead while nothing is awaited: some four looks."""


class Between(BaseHTTPRequestHandler):
    """Passes requests on with a login's cookie, and lets `meanwhile` see each look at the list."""

    upstream: str
    cookie: str
    meanwhile: Callable[[int], str]
    looks: int

    def do_GET(self) -> None:
        headers = {"Cookie": self.cookie, "HX-Request": self.headers.get("HX-Request", "")}
        if headers["HX-Request"]:
            type(self).looks += 1
            fate = type(self).meanwhile(self.looks)
            if fate == "lost":
                self.connection.close()
                return
            if fate == "logged out":
                headers["Cookie"] = ""
            if fate == "busy":
                self.send_response(503)
                self.send_header("Retry-After", "7")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
        with closing(HTTPConnection(self.upstream.removeprefix("http://"))) as upstream:
            upstream.request("GET", self.path, headers=headers)
            answer = upstream.getresponse()
            body = answer.read()
        self.send_response(answer.status)
        for name in ("Content-Type", "Location", "Content-Security-Policy"):
            if value := answer.headers.get(name):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Nothing."""


@contextmanager
def between(database: str, meanwhile: Callable[[int], str]) -> Iterator[str]:
    """The address of the service for a browser that is logged in."""
    client = Client()
    client.force_login(accounts.create("vic", roles=["viewer"]))
    cookie = f"{settings.SESSION_COOKIE_NAME}={client.session.session_key}"
    with serving(database) as upstream:
        about = {"upstream": upstream, "cookie": cookie, "meanwhile": meanwhile, "looks": 0}
        server = ThreadingHTTPServer(("127.0.0.1", 0), type("Passing", (Between,), about))
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        server.server_close()


def status(told: str) -> str:
    """What the page says of being kept up to date."""
    (line,) = re.findall(r'role="status" data-live-status[^>]*>(.*?)</p>', told, re.DOTALL)
    return re.sub(r"<[^>]*>", "", line)


def recorded(number: int) -> None:
    record.request_restore(name=f"restore {number}", actor="ada")
    connections.close_all()  # this thread's


def test_new_rows_come_by_themselves_also_after_the_connection_was_lost(
    database: str, tmp_path: Path
):
    def meanwhile(look: int) -> str:
        recorded(look)
        return "lost" if look == 2 else ""

    with between(database, meanwhile) as address:
        told = browser(LONG, "--dump-dom", f"{address}/restores/", profile=tmp_path)
    shown = names(told)
    assert len(shown) >= 3
    assert shown == [f"restore {number}" for number in range(len(shown), 0, -1)]
    assert status(told) == "This page is kept up to date."


@pytest.mark.parametrize(
    ("fate", "said"),
    [
        ("lost", r"No answer from the service\. Trying again\. What you see is of [\d:]{8}\."),
        ("logged out", r"You are logged out\. What you see is of [\d:]{8}\. Log in again"),
    ],
)
def test_what_is_wrong_is_said_and_the_rows_stay(
    database: str, tmp_path: Path, fate: str, said: str
):
    recorded(1)
    with between(database, lambda look: fate) as address:
        told = browser(LONG, "--dump-dom", f"{address}/restores/", profile=tmp_path)
    assert re.fullmatch(said, status(told))
    assert names(told) == ["restore 1"]
    assert ("/login/?next=%2Frestores%2F" in told) == (fate == "logged out")


def test_a_busy_service_is_asked_again_when_it_says_and_not_before(database: str, tmp_path: Path):
    looked = list[int]()

    def meanwhile(look: int) -> str:
        looked.append(look)
        recorded(look)
        return "busy"

    with between(database, meanwhile) as address:
        told = browser(LONG, "--dump-dom", f"{address}/restores/", profile=tmp_path)
    assert re.fullmatch(
        r"The service cannot answer now\. Trying again in 7 seconds\. "
        r"What you see is of [\d:]{8}\.",
        status(told),
    )
    # After 5, 12 and 19 seconds; without the pause there are four.
    assert 2 <= len(looked) <= 3
    assert names(told) == []


def test_and_what_it_says_then_is_shown(database: str, tmp_path: Path):
    def meanwhile(look: int) -> str:
        recorded(look)
        return "busy" if look == 1 else ""

    with between(database, meanwhile) as address:
        told = browser(LONG, "--dump-dom", f"{address}/restores/", profile=tmp_path)
    assert len(names(told)) >= 2
    assert status(told) == "This page is kept up to date."


def test_a_chart_is_drawn_under_the_policy(database: str, tmp_path: Path):
    record.record_finished_restore(name="over", actor="ada", status="cancelled")
    with between(database, lambda look: "") as address:
        told = browser(LONG, "--dump-dom", f"{address}/", profile=tmp_path)
    assert "<canvas" in told
