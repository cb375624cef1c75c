"""What the pages have in common: errors, names, links, how much is on them."""

import re
from datetime import timedelta
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from django.template.loader import render_to_string
from django.test import Client, override_settings
from django.utils.timezone import now

from api import accounts
from api.models import AccessToken
from infrastructure.event_store.codec import new_event
from infrastructure.event_store.log import Log
from tests.api.conftest import Reader
from tests.api.rows import legacy, put, restore
from tests.api.test_console import page_for
from tests.builders import requested
from tests.support.service import ROOT

HTML = {"Accept": "text/html"}
TOKENS = ROOT / "api" / "static" / "console" / "tokens.css"


def of_the_house(page: str) -> None:
    """It is drawn for phones and in the dark, and leads home."""
    assert 'name="viewport"' in page
    colours = re.search(r'<link rel="stylesheet" href="[^"]*console/tokens[^"]*[.]css">', page)
    assert colours is not None
    assert "prefers-color-scheme: dark" in TOKENS.read_text(encoding="utf-8")
    assert '<a href="/">To the start page</a>' in page


def test_an_address_with_nothing_there(database: str):
    with override_settings(DEBUG=False):
        response = Client().get("/nowhere/")
    assert response.status_code == 404
    of_the_house(response.content.decode())
    assert "<title>Not found – Restore log</title>" in response.content.decode()


def test_a_form_that_is_too_old(database: str):
    response = Client(enforce_csrf_checks=True).post("/login/", {"username": "ada"})
    assert response.status_code == 403
    of_the_house(response.content.decode())
    assert "Load the page again" in response.content.decode()


def test_a_page_for_what_is_not_allowed_and_what_went_wrong():
    for name in ("403.html", "500.html"):
        of_the_house(render_to_string(name))


def test_every_page_has_an_icon(database: str, viewer: Reader):
    icon = Client().get("/favicon.ico")
    assert (icon.status_code, icon["Content-Type"]) == (200, "image/svg+xml")
    assert icon.content.decode().startswith("<svg ")
    for page in (page_for(), viewer.get("", headers=HTML).content.decode()):
        assert '<link rel="icon" type="image/svg+xml" href="/favicon.ico">' in page


def test_nothing_there_is_called_so(viewer: Reader):
    page = viewer.get("nothing/", expect=404, headers=HTML).content.decode()
    assert "<h1>Not found</h1>" in page
    assert "There is nothing at this address." in page
    assert "Nowhere" not in page


def test_the_way_up_leaves_out_what_is_no_page(auditor: Reader):
    page = auditor.get("audit/events/", headers=HTML).content.decode()
    assert "Nowhere" not in page
    assert "Not found" not in page
    assert '<a href="/api/v1/">Root</a>' in page


def test_a_restores_page_leads_to_its_trail(viewer: Reader):
    put(restore(1))
    put(legacy(1, restore_id=UUID(int=9)))
    for path, id in (("restores/1/", 1), ("legacy/restores/1/", 9)):
        page = viewer.get(path, headers=HTML).content.decode()
        assert f'href="/api/v1/restores/{UUID(int=id)}/events/"' in page
    missing = viewer.get("restores/2/", expect=404, headers=HTML).content.decode()
    assert "/events/" not in missing


def test_a_page_that_was_seen_before_is_drawn_again(viewer: Reader):
    put(restore(1))
    tag = viewer.get("restores/1/")["ETag"]
    page = viewer.get("restores/1/", headers={**HTML, "If-None-Match": tag})
    assert "ETag" not in page
    assert "restore 1" in page.content.decode()


def test_pages_are_shorter_than_what_programs_get(viewer: Reader):
    put(*(restore(id) for id in range(1, 61)))
    assert len(viewer.ids("restores/")) == 60
    page = viewer.get("restores/", headers=HTML).content.decode()
    assert page.count("&quot;restore_id&quot;") == 20
    page = viewer.get("restores/", page_size="30", format="api").content.decode()
    assert page.count("&quot;restore_id&quot;") == 30


def test_the_schema_can_be_looked_at(viewer: Reader):
    page = viewer.get("schema/", headers=HTML)
    assert page["Content-Type"] == "text/html; charset=utf-8"
    assert "openapi: 3.1.0" in page.content.decode()
    assert viewer.get("schema/")["Content-Type"].startswith("application/vnd.oai.openapi")


def test_what_is_dated_in_the_future_does_not_head_the_latest(database: str):
    put(
        restore(1, name="yesterday's", created_at=now() - timedelta(days=1)),
        restore(2, name="a clock ahead", created_at=now() + timedelta(hours=2)),
        restore(3, name="far ahead", created_at=now() + timedelta(days=365 * 12)),
    )
    page = page_for("viewer")
    assert "far ahead" not in page
    assert page.index("a clock ahead") < page.index("yesterday&#x27;s")
    assert "1 dated in the future" in page
    link = page.partition("?created_at_after=")[2].partition('"')[0]
    reader = Reader(Client())
    reader.client.force_login(User.objects.get())
    assert reader.ids("restores/", created_at_after=link) == [3]


def test_numbers_are_grouped_as_the_commands_do(database: str):
    put(*(restore(id) for id in range(1, 1_201)))
    Log().append([new_event(requested(number)) for number in range(1, 1_101)])
    page = page_for("viewer")
    assert "<dt>Log</dt><dd>1,100 events" in page


@pytest.fixture
def root(database: str) -> Client:
    client = Client()
    client.force_login(accounts.create("root", superuser=True))
    return client


def test_the_admin_never_shows_a_token(root: Client):
    token = accounts.new_token(User.objects.get(username="root"))
    digest = AccessToken.objects.get().digest
    pages = ["/admin/", "/admin/auth/user/"]
    user = User.objects.get(username="root")
    pages += [f"/admin/auth/user/{user.pk}/{page}/" for page in ("change", "delete")]
    for page in pages:
        response = root.get(page)
        assert response.status_code == 200
        assert token not in response.content.decode(), page
        assert digest not in response.content.decode(), page
