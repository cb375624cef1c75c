"""The pages for people: what they see depends on their roles."""

import html
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from django.test import Client

from api import accounts
from api.templatetags.durations import took
from domain.consolidation import events
from domain.consolidation.consolidation import CONSOLIDATION_ID
from domain.events import Event, Metadata
from infrastructure.event_store.codec import new_event
from infrastructure.event_store.log import Log
from projections.consolidation.freshness import mappings
from tests.api.rows import NOON, put, restore
from tests.builders import imported
from tests.support import raw


def page_for(*roles: str, superuser: bool = False) -> str:
    user = accounts.create("ada", roles=roles, superuser=superuser)
    client = Client()
    client.force_login(user)
    response = client.get("/")
    assert response.status_code == 200
    return response.content.decode()


def test_strangers_are_sent_to_the_login(database: str):
    response = Client().get("/")
    assert (response.status_code, response["Location"]) == (302, "/login/?next=/")
    page = Client().get("/login/?next=/").content.decode()
    assert '<label for="id_username">' in page


def test_a_wrong_password_is_told_in_words(database: str):
    accounts.create("ada", password="correct horse battery")
    page = Client().post("/login/", {"username": "ada", "password": "wrong"})
    assert 'role="alert"' in page.content.decode()


def test_logging_in_leads_where_one_wanted_to_go_and_nowhere_else(database: str):
    accounts.create("ada", roles=["viewer"], password="correct horse battery")
    form = {"username": "ada", "password": "correct horse battery"}
    there = Client().post("/login/", {**form, "next": "/api/v1/restores/"})
    assert there["Location"] == "/api/v1/restores/"
    away = Client().post("/login/", {**form, "next": "https://elsewhere.example/"})
    assert away["Location"] == "/"


def test_the_latest_ten_restores_are_shown(database: str):
    put(*(restore(id, name=f"<restore {id}>") for id in range(1, 12)))
    page = page_for("viewer")
    assert "&lt;restore 11&gt;" in page
    assert "&lt;restore 2&gt;" in page
    assert "&lt;restore 1&gt;" not in page


def test_what_a_viewer_may_not_see_is_not_offered(database: str):
    assert "/admin/" not in page_for("viewer")
    User.objects.all().delete()
    assert "/admin/" in page_for(superuser=True)


def test_an_account_without_a_role_is_told_how_to_get_one(database: str):
    put(restore(1, name="secret restore"))
    page = page_for()
    assert "manage.py accounts role ada viewer" in page
    assert "secret restore" not in page


def test_the_admin_shows_the_tables_and_changes_nothing(database: str):
    put(restore(1, created_at=NOON + timedelta(days=1)))
    client = Client()
    client.force_login(accounts.create("root", superuser=True))
    assert client.get("/admin/system_backups/restorelog/").status_code == 200
    assert client.get("/admin/system_backups/restorelog/add/").status_code == 403


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "–"),
        (0, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (185, "3 min 5 s"),
        (5940, "1 h 39 min"),
        (3605, "1 h"),
        (183_600, "2 d 3 h"),
    ],
)
def test_durations_are_told_in_their_two_largest_units(seconds: int | None, text: str):
    assert took(seconds) == text


def consolidation_on(page: str) -> str:
    """What the page says of the consolidation, without tags."""
    (section,) = re.findall(r'aria-labelledby="consolidation">(.*?)</section>', page, re.DOTALL)
    return " ".join(re.sub(r"<[^>]*>", " ", section).split())


def test_before_an_import_the_consolidation_is_planned(database: str):
    text = consolidation_on(page_for("viewer"))
    assert text.startswith("Consolidation Planned No host has been imported yet.")
    assert "It was never verified with a certificate." in text
    assert "SHA-256" not in text


def step(kind: type[Event], version: int, **state: Any) -> None:
    metadata = Metadata(actor="ada")
    event = kind(
        originator_id=CONSOLIDATION_ID, originator_version=version, metadata=metadata, **state
    )
    Log().append([new_event(event)])


def verified(version: int, **changed: Any) -> None:
    state = {
        "purpose": "cut_over",
        "equal": True,
        "certificate": "ab" * 32,
        "log_position": 1,
        "chain_head": "",
        "mappings": mappings(),
        "tables": {},
        "host_tables": {},
        "quarantined": 0,
    }
    step(events.Verified, version, **{**state, **changed})


CUT = {"certificate": "ab" * 32, "snapshot": "s", "mappings": {}, "accepted_quarantined": 0}


def test_a_cut_over_is_told_with_its_time_its_verification_and_its_certificate(database: str):
    step(events.HostAdopted, 1, host_id=UUID(int=1), fingerprint="f", id_offset=10**12)
    verified(2)
    step(events.CutOver, 3, **CUT)
    (recorded_at,) = raw.rows(
        database, "SELECT recorded_at FROM event_store_event WHERE position = 3"
    )[0]
    since = datetime.fromtimestamp(recorded_at // 1_000_000, UTC)
    text = consolidation_on(page_for("viewer"))
    assert f"Cut over since {since:%Y-%m-%d %H:%M} UTC" in text
    assert (
        "The consolidated table holds the legacy rows too. This can still be rolled back." in text
    )
    assert "Verification Current : no row of the host was imported since" in text
    assert f"Last certificate SHA-256 {'ab' * 32} , for the log up to position 1" in text


def test_a_verification_that_is_out_of_date_says_why(database: str):
    step(events.HostAdopted, 1, host_id=UUID(int=1), fingerprint="f", id_offset=10**12)
    verified(2)
    step(events.CutOver, 3, **CUT)
    step(events.RolledBack, 4, unrepresentable=0)
    Log().append([new_event(imported(9))])
    text = consolidation_on(page_for("viewer"))
    assert "Rolled back since" in text
    assert (
        "Not current : a host's row was imported at position 5, and the last verification is of "
        "position 1."
    ) in html.unescape(text)


def test_the_end_is_told(database: str):
    step(events.HostAdopted, 1, host_id=UUID(int=1), fingerprint="f", id_offset=10**12)
    verified(2)
    step(events.CutOver, 3, **CUT)
    step(events.Retired, 4, certificate="ab" * 32, legacy={})
    assert "Retired since" in consolidation_on(page_for("viewer"))


def test_whoever_may_not_read_is_told_nothing_of_it(database: str):
    assert 'aria-labelledby="consolidation"' not in page_for()
