"""Every page that a link leads to, with any data: small, of few statements, and never obeyed."""

import html
import re
from collections import deque
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import parse_qsl, urljoin, urlsplit

from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from api import accounts
from infrastructure.event_store.log import Log
from infrastructure.maintenance.models import RunKind, RunOutcome
from infrastructure.maintenance.runs import ask, end
from tests.api.rows import put, restore
from tests.api.test_console_live import running
from tests.api.test_console_restores import names, page
from tests.api.test_steps import MEANT
from tests.browser import history
from tests.support.pages import is_page, kind_of_page

ROLES = ("operator", "auditor", "migrator")
REACHED = {
    *("/", "/restores/", "/restores/<id>/", "/restores/<id>/events/<id>/", "/backups/"),
    *("/restores/<id>/validate/", "/restores/<id>/amend/", "/restores/<id>/cancel/"),
    *("/restores/<id>/interrupt/", "/backups/<id>/", "/backups/<id>/events/<id>/", "/audit/"),
    *("/audit/events/<id>/", "/consolidation/", "/consolidation/cut_over/", "/integrity/"),
    *("/consolidation/unrepresentable/", "/projections/"),
}
"""The pages that links lead to before a cut-over."""
AFTERWARDS = {
    *("/consolidation/certificates/<id>/", "/consolidation/roll_back/", "/consolidation/retire/"),
}


def everybody(name: str = "all") -> Client:
    """A browser of somebody who may see and do everything."""
    client = Client()
    user = User.objects.create(username=name[:150])
    accounts.give_roles(user, ROLES)
    client.force_login(user)
    return client


def pages(client: Client, *begin: str) -> Iterator[tuple[str, str]]:
    """Follows links from the first page and these; yields one page of each kind, with what it says.

    Pages with other parameters are of other kinds. Links of a list with parameters are not
    followed: each has all the others.
    """
    seen, waiting = set[str](), deque(["/", *begin])
    while waiting:
        address = waiting.popleft()
        parts = urlsplit(address)
        asked = sorted(name for name, _ in parse_qsl(parts.query))
        kind = f"{kind_of_page(parts.path)}?{'&'.join(asked)}"
        if kind in seen:
            continue
        seen.add(kind)
        told = page(client, address)
        yield address, told
        if asked:
            continue
        for link in re.findall(r'<a [^>]*?href="([^"]*)"', told):
            to = urlsplit(urljoin(address, html.unescape(link)))
            assert not to.netloc, f"{address} leads to {to.netloc}"
            if is_page(to.path):
                waiting.append(to._replace(fragment="").geturl())


def kinds(found: dict[str, str]) -> set[str]:
    return {kind_of_page(urlsplit(address).path) for address in found}


def never_obeyed(found: dict[str, str]) -> None:
    """No tag of a text is one of the page."""
    for address, told in found.items():
        for tag in ("<script>", "<img"):
            assert tag not in told, address


def hostile_runs() -> None:
    """Runs of maintenance whose every text is hostile."""
    result = {
        "position": 1, "head": "00", "chain": "broken", "first_bad": 1, "problem": history.HOSTILE,
        "findings": [{"code": "x", "problem": history.HOSTILE, "position": None}],
    }  # fmt: skip
    for kind in (RunKind.VERIFY, RunKind.REBUILD):
        for outcome, told in (
            (RunOutcome.FAILED, {"error": history.HOSTILE}),
            (RunOutcome.FOUND, result),
        ):
            if kind is RunKind.VERIFY or outcome is RunOutcome.FAILED:
                end(ask(kind, actor=history.HOSTILE[:150], subject=""), outcome, told)


def test_with_ordinary_data(database: str):
    told = history.ordinary()
    begin = (f"/restores/{told.running}/", f"/restores/{told.amended}/validate/")
    assert kinds(dict(pages(everybody(), *begin))) >= REACHED


def test_without_data_each_says_what_to_do(database: str):
    found = dict(pages(everybody()))
    for address in ("/", "/restores/", "/backups/", "/audit/", "/integrity/"):
        assert 'class="empty"' in found[address], address


def test_with_hostile_long_and_huge_texts_in_every_field(database: str):
    begin = [f"/restores/{one}/" for one in history.odd()]
    hostile_runs()
    found = dict(pages(everybody(history.HOSTILE), *begin))
    assert kinds(found) >= REACHED - {"/restores/<id>/validate/", "/restores/<id>/interrupt/"}
    never_obeyed(found)


def test_after_a_cut_over_with_a_hostile_reason(imported: str):
    history.odd()
    client = everybody(history.HOSTILE)
    reason = {**MEANT, "reason": history.HOSTILE}
    for step in ("cut_over", "roll_back", "cut_over"):
        assert client.post(f"/consolidation/{step}/", reason).status_code == 302
    found = dict(pages(client))
    assert kinds(found) >= AFTERWARDS
    never_obeyed(found)
    assert html.escape(history.HOSTILE) in found["/consolidation/"]


def test_hostile_words_in_addresses_and_forms_are_shown_and_never_obeyed(database: str):
    client, one = everybody(), history.ordinary()
    hostile = history.HOSTILE
    for address in ("/", "/integrity/", "/projections/", "/consolidation/", "/components/"):
        response = client.get(address, {"as_of": hostile, hostile: "x"})
        never_obeyed({address: response.content.decode()})
    for address in (
        *(f"/consolidation/{step}/" for step in ("cut_over", "roll_back", "retire")),
        *("/projections/", "/integrity/anchor/check/"),
        *(f"/restores/{one.running}/{action}/" for action in ("cancel", "interrupt")),
        f"/restores/{one.amended}/validate/",
        f"/restores/{one.amended}/amend/?column=name",
    ):
        fields = ("reason", "accept_quarantined", "table", "message", "check", "value", "result")
        response = client.post(address, dict.fromkeys((*fields, "version", "key"), hostile))
        assert response.status_code in (302, 409, 422), address
        never_obeyed({address: response.content.decode()})


def test_lists_of_earlier_moments_are_made_of_few_statements_too(imported: str):
    history.ordinary()
    client = everybody()
    put(*(restore(id, created_at=timezone.now()) for id in range(10**6, 10**6 + 60)))
    head = Log().head().position
    moments = (str(head), "now", str(head - 9), f"{timezone.now() + timedelta(days=2):%Y-%m-%d}")
    queries = (
        *("", "&status=nosuch", "&search=nightly", "&search=ni", "&status=in_progress"),
        *("&origin=legacy", "&present=any", "&present=false&search=orders", "&last=24h"),
        *("&run_by=ada", "&ever=failed", "&search=nightly&target_database=x"),
    )
    for query in queries:
        for moment in moments:
            told = page(client, f"/restores/?as_of={moment}{query}")
            for link in re.findall(r'href="([^"]*)" rel="next"', told):
                page(client, f"/restores/{html.unescape(link)}")
        page(client, f"/restores/?{query.lstrip('&')}")


def test_a_list_of_an_earlier_moment_says_nothing_of_what_runs_now(database: str):
    running("nightly orders", percent=42.0)
    client = everybody()
    assert names(page(client, "/restores/")) == ["nightly orders"]
    assert "42%" in page(client, "/restores/")
    told = page(client, f"/restores/?as_of={Log().head().position}")
    assert names(told) == ["nightly orders"]
    assert "42%" not in told
