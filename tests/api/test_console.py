"""The pages for people: what they see depends on their roles."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client

from api import accounts
from api.templatetags.durations import took
from tests.api.rows import NOON, put, restore


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


def test_what_a_viewer_may_not_read_is_not_offered(database: str):
    page = page_for("viewer")
    assert "Audit trail" not in page
    assert "/admin/" not in page


def test_an_auditor_and_a_superuser_are_offered_more(database: str):
    assert "Audit trail" in page_for("auditor")
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
