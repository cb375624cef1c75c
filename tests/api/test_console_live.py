"""Live parts of pages, asked for as a browser asks: nothing is missed, and nothing comes twice."""

import html
import re
from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from html.parser import HTMLParser
from threading import Lock
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.db import connections
from django.test import Client
from django.utils import timezone

from api import accounts
from projections.services import interruption, record
from tests.api.rows import NOON, put, restore
from tests.api.test_console_restores import names, page, text

WRITERS, EACH = 16, 3
"""Together they record as many restores as a page of the list has, at most."""
AS_HTMX = {"HX-Request": "true"}
UNATTENDED = {**AS_HTMX, "Unattended": "true"}
VOID = frozenset({"input", "meta", "link", "img", "br"})


class LivePart(HTMLParser):
    """The element with an id in a page: its attributes, and what is in it."""

    def __init__(self, told: str, id: str) -> None:
        super().__init__()
        self.id, self.attributes, self.inside = id, dict[str, str | None](), ""
        self._open = 0
        self.feed(told)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if dict(attrs).get("id") == self.id:
            assert not self.attributes, "an id is on a page once"
            self.attributes = dict(attrs)
            self._open = 1
        elif self._open:
            self.inside += self.get_starttag_text() or ""
            self._open += tag not in VOID

    def handle_endtag(self, tag: str) -> None:
        if self._open:
            self._open -= 1
            self.inside += f"</{tag}>"

    def handle_data(self, data: str) -> None:
        if self._open:
            self.inside += html.escape(data)

    @property
    def is_live(self) -> bool:
        return "data-live" in self.attributes

    def again(self, client: Client) -> "LivePart":
        """What replaces it when htmx asks for it again."""
        assert self.is_live
        assert self.attributes["hx-select"] == f"#{self.id}"
        assert self.attributes["hx-swap"] == "outerHTML"
        headers = {**UNATTENDED, "HX-Target": self.id}
        response = client.get(self.attributes["hx-get"] or "", headers=headers)
        assert response.status_code == 200
        return LivePart(response.content.decode(), self.id)


@pytest.fixture
def person(database: str) -> Client:
    client = Client()
    client.force_login(accounts.create("vic", roles=["viewer"]))
    return client


def running(name: str = "nightly orders", **said: Any) -> Any:
    """A restore that runs, and whose watcher has said this."""
    one = record.request_restore(name=name, actor="ada", target_database="orders").what
    record.start_restore(one.id, actor="ada")
    if said:
        interruption.heartbeat(one.id, **said)
    return one


class Written:
    """What 16 writers record: what began to be recorded, and what was recorded for sure."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.begun, self.done = set[str](), set[str]()

    def write(self, number: int) -> None:
        for one in range(EACH):
            name = f"restore {number}-{one}"
            with self.lock:
                self.begun.add(name)
            made = record.request_restore(name=name, actor="ada").what
            with self.lock:
                self.done.add(name)
            record.start_restore(made.id, actor="ada")
            end = record.fail_restore if one % 2 else record.complete_restore
            end(made.id, actor="ada", message="over")
        connections.close_all()


def test_a_list_that_is_looked_at_while_16_write_has_each_row_once(person: Client):
    written, looks = Written(), list[list[str]]()
    part = LivePart(page(person, "/restores/"), "found")
    with ThreadPoolExecutor(WRITERS) as pool:
        writers: list[Future[None]] = [pool.submit(written.write, n) for n in range(WRITERS)]
        while not all(one.done() for one in writers) or len(written.done) < WRITERS * EACH:
            for one in writers:
                if one.done():
                    one.result()
            with written.lock:
                before = set(written.done)
            part = part.again(person)
            with written.lock:
                after = set(written.begun)
            seen = names(part.inside)
            assert len(seen) == len(set(seen)), "a row came twice"
            assert before <= set(seen) <= after
            looks.append(seen)
    last = part.again(person)
    assert sorted(names(last.inside)) == sorted(written.done)
    states = re.findall(r'<span class="badge \w*">([^<]*)</span>', last.inside)
    assert Counter(states) == {"completed": 32, "failed": 16}
    assert len(looks) > 1


def test_only_what_can_change_is_asked_for_again_and_not_too_often(person: Client):
    put(*(restore(id) for id in range(1, 61)))
    first = page(person, "/restores/?status=completed")
    part = LivePart(first, "found")
    assert part.attributes["hx-get"] == "/restores/?status=completed"
    (every,) = re.findall(r"every (\d+)s", part.attributes["hx-trigger"] or "")
    assert int(every) >= 3
    assert len(names(part.again(person).inside)) == 50
    (following,) = re.findall(r'href="([^"]*)" rel="next"', first)
    for address in (f"/restores/{html.unescape(following)}", "/restores/?as_of=0"):
        told = person.get(address).content.decode()
        assert not LivePart(told, "found").is_live, address
    assert not LivePart(page(person, "/restores/?stauts=x", 400), "found").is_live


def test_a_restore_is_followed_until_nothing_more_is_to_be_expected(person: Client):
    one = running(percent=40.0, phase="loading <orders>")
    ended = {"actor": "ada", "status": "completed", "started_at": NOON, "completed_at": NOON}
    old = record.record_finished_restore(name="long ago", **ended).what
    part = LivePart(page(person, f"/restores/{one.id}/"), "now")
    assert "40%" in text(part.inside)
    assert "loading <orders>" in text(part.inside)
    interruption.heartbeat(one.id, percent=90.0)
    part = part.again(person)
    assert "90%" in text(part.inside)
    record.fail_restore(one.id, actor="ada", message="disk full")
    assert re.search(r"Status failed .* disk full ", text(part.again(person).inside))
    assert LivePart(page(person, f"/restores/{one.id}/"), "now").is_live  # a check may follow
    assert not LivePart(page(person, f"/restores/{old.id}/"), "now").is_live
    assert not LivePart(page(person, f"/restores/{one.id}/?as_of=2"), "now").is_live


def test_whoever_was_logged_out_is_led_to_the_login_that_the_page_names(person: Client):
    told = page(person, "/restores/")
    (login,) = re.findall(r'role="status" data-live-status data-login="([^"]*)"', told)
    Session.objects.all().delete()
    response = person.get("/restores/", headers={**UNATTENDED, "HX-Target": "found"})
    assert response.status_code == 302
    assert response["Location"].partition("?")[0] == login
    assert LivePart(Client().get(response["Location"]).content.decode(), "found").attributes == {}


def test_a_page_that_is_left_open_does_not_keep_its_login(person: Client):
    def ends_soon(headers: dict[str, str]) -> bool:
        soon = timezone.now() + timedelta(seconds=5)
        Session.objects.update(expire_date=soon)
        assert person.get("/restores/", headers=headers).status_code == 200
        return bool(Session.objects.get().expire_date == soon)

    assert ends_soon(UNATTENDED)
    assert not ends_soon(AS_HTMX)
