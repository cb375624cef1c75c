"""Every list with whatever its form offers, found or not: in few statements, and without faults."""

import html
import re
from collections.abc import Iterator
from datetime import timedelta
from html.parser import HTMLParser
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from infrastructure.event_store.log import Log
from tests.api.rows import put, restore
from tests.api.test_console_every_page import everybody
from tests.api.test_console_restores import page, text
from tests.browser import history

Asked = dict[str, str]
TYPED = {
    "search": ("nightly", "nosuchword"),
    "target_database": ("orders", "nosuch"),
    "created_by_username": ("ada", "nobody"),
    "run_by": ("grace", "nobody"),
    "since": ("2020-01-01", "2021-01-01"),
    "until": ("2100-01-01", "2022-01-01"),
    "database_name": ("shop", "nosuch"),
    "backup_type": ("full", "nosuch"),
    "file_path": ("/backups/1", "/nowhere"),
    "person": ("ada", "nobody"),
    "stream": ("{backup}", "00000000-0000-0000-0000-000000000001"),
    "correlation": ("{backup}", "00000000-0000-0000-0000-000000000001"),
}
"""What people type into a form's fields: something that rows have, and something that none has."""


class FieldsOfForm(HTMLParser):
    """The fields of the form of filters, each with the values that it offers."""

    def __init__(self, told: str) -> None:
        super().__init__()
        self.offered: dict[str, list[str]] = {}
        self._select = ""
        (form,) = re.findall(r'<form class="filters".*?</form>', told, re.DOTALL)
        self.feed(form)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name = given.get("name") or ""
        if tag == "select":
            self._select = name
            self.offered[name] = []
        elif tag == "option" and given.get("value"):
            self.offered[self._select].append(given["value"] or "")
        elif tag == "input" and given.get("type") != "hidden":
            self.offered[name] = list(TYPED[name])


INTERVAL = {"since", "until"}
"""With a search of the audit log, PostgreSQL takes 13 statements: three are of its time limit."""


def queries(offered: dict[str, list[str]], moments: list[Asked]) -> Iterator[Asked]:
    """Each value by itself with a search, and at a moment; everything at once, and without one."""
    known, unknown = TYPED["search"]
    for name, values in offered.items():
        yield {name: values[0], "search": known}
        yield {**moments[-1], name: values[-1]}
        yield from ({name: value, "search": unknown} for value in values)
    for which in (0, -1):
        everything = {name: values[which] for name, values in offered.items()}
        for moment in moments:
            yield {**moment, **everything}
        for left_out in everything:
            yield {name: value for name, value in everything.items() if name != left_out}


def shown(client: Client, address: str, asked: Asked) -> str:
    """The page of a list, which is one of few statements; and the page after it."""
    told = page(client, f"{address}?{urlencode(asked)}")
    for following in re.findall(r'href="([^"]*)" rel="next"', told):
        page(client, f"{address}{html.unescape(following)}")
    return told


@pytest.fixture
def told(imported: str) -> history.Ordinary:
    """Restores of the host, some of which vanished or do not fit; ordinary ones; many with words
    of their own."""
    made = history.ordinary()
    put(*(restore(id, created_at=timezone.now()) for id in range(10**6, 10**6 + 60)))
    return made


def test_the_list_of_restores(told: history.Ordinary):
    client = everybody()
    offered = FieldsOfForm(page(client, "/restores/")).offered
    assert len(offered) >= 13
    soon = f"{timezone.now() + timedelta(days=2):%Y-%m-%d}"
    moments = [{}, {"as_of": str(Log().head().position - 9)}, {"as_of": soon}]
    for asked in queries(offered, moments):
        told_of = shown(client, "/restores/", asked)
        assert ("No restore matches." in told_of) or '<td class="main"' in told_of
    # What links of other pages add to what the form has, which it then sends on.
    words = {"status": "nosuch", "restore_type": "nosuch", "trigger_type": "nosuch"}
    known = {name: values[0] for name, values in offered.items()}
    for more in (
        words,
        {"status_in": "nosuch,failed,other", "trigger_type_in": ",".join("abcdefgh")},
        {"validation_isnull": "false", "warnings_count_isnull": "false"},
    ):
        for moment in moments:
            shown(client, "/restores/", {**known, **moment, "backup": str(told.backup), **more})
        shown(client, "/restores/", more)


def test_the_list_of_backups(told: history.Ordinary):
    client = everybody()
    offered = FieldsOfForm(page(client, "/backups/")).offered
    assert len(offered) >= 11
    for asked in queries(offered, [{}]):
        shown(client, "/backups/", asked)
    shown(client, "/backups/", {"status": "nosuch", "backup_type": "nosuch", "search": "nosuch"})


def test_the_audit_log(told: history.Ordinary):
    client = everybody()
    offered = FieldsOfForm(page(client, "/audit/")).offered
    assert len(offered) >= 8
    offered["topic"] = offered["topic"][::9]
    for name in ("stream", "correlation"):
        offered[name] = [one.format(backup=told.backup) for one in offered[name]]
    for asked in queries(offered, [{}, {"overwrites": "true"}]):
        if not (connection.vendor == "postgresql" and "search" in asked and INTERVAL & {*asked}):
            shown(client, "/audit/", asked)


@pytest.mark.parametrize("address", ["/restores/", "/backups/", "/audit/"])
def test_what_is_one_click_away_with_a_search_and_without(told: history.Ordinary, address: str):
    client = everybody()
    for words in ("", "?search=nightly", "?search=nosuchword"):
        found = re.findall(r'class="chip[^"]*" href="([^"]*)"', page(client, f"{address}{words}"))
        assert len(found) >= 5
        for one in found:
            if not (
                connection.vendor == "postgresql"
                and address == "/audit/"
                and words
                and "last=" in one
            ):
                page(client, f"{address}{html.unescape(one)}")


def test_a_misspelt_word_is_named_for_each_field_in_a_list_of_many(told: history.Ordinary):
    client = everybody()
    asked = "status=complete&restore_type=databse&search=nosuchword"
    said = text(page(client, f"/restores/?{asked}")).lower()
    assert "no row has 'complete'. the nearest is 'completed'." in said
    assert "no row has 'databse'. the nearest is 'database'." in said
    assert "'manual'" not in said
