"""Who may read what, and what the others are told."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from api import accounts
from tests.api.conftest import Reader
from tests.api.rows import put, restore

READING = (
    *("", "restores/", "restores/1/", "restores/1/events/", "legacy/restores/"),
    *("backups/", "projections/", "schema/"),
)


@pytest.mark.parametrize("path", [*READING, "audit/events/", "nowhere/"])
def test_nobody_reads_without_a_login(database: str, path: str):
    problem = Reader(Client()).problem(path, 401)
    assert problem["code"] == "not_authenticated"
    assert Client().get(f"/api/v1/{path}")["WWW-Authenticate"] == "Token"


def test_a_wrong_token_is_refused(database: str):
    reader = Reader(Client(headers={"Authorization": "Token wrong"}))
    assert reader.problem("restores/", 401)["code"] == "authentication_failed"


@pytest.mark.parametrize("path", ["restores/", "restores/1/", "backups/", "projections/"])
def test_an_account_without_a_role_reads_nothing(reader_of: Callable[..., Reader], path: str):
    assert reader_of().problem(path, 403)["code"] == "permission_denied"


@pytest.mark.parametrize("role", ["viewer", "operator", "auditor", "migrator"])
def test_every_role_reads_restores(reader_of: Callable[..., Reader], role: str):
    put(restore(1))
    reader = reader_of(role)
    for path in ("restores/", "restores/1/", "legacy/restores/", "backups/", "projections/"):
        reader.get(path)


@pytest.mark.parametrize(
    ("role", "status"), [("viewer", 403), ("operator", 403), ("migrator", 403), ("auditor", 200)]
)
def test_the_audit_trail_is_for_auditors(reader_of: Callable[..., Reader], role: str, status: int):
    reader_of(role).get("audit/events/", expect=status)


def test_two_roles_add_up(reader_of: Callable[..., Reader]):
    reader_of("operator", "auditor").get("audit/events/")


def test_what_each_role_may_do(database: str):
    held = {
        group.name: sorted(group.permissions.values_list("codename", flat=True))
        for group in Group.objects.all()
    }
    assert held == {
        "viewer": ["read_restores"],
        "operator": ["read_restores", "record_restores"],
        "auditor": ["read_audit", "read_restores"],
        "migrator": ["read_restores", "record_restores", "run_migration"],
    }


def test_a_session_reads_as_well_as_a_token(database: str):
    accounts.create("ada", roles=["viewer"], password="correct horse battery")
    client = Client()
    assert client.post(
        "/login/", {"username": "ada", "password": "correct horse battery"}
    ).status_code == (302)
    Reader(client).get("restores/")


def test_a_disabled_account_is_shut_out(viewer: Reader):
    accounts.set_active(User.objects.get(), False)
    assert viewer.problem("restores/", 401)["code"] == "authentication_failed"


def test_a_new_token_ends_the_old_one(viewer: Reader):
    accounts.new_token(User.objects.get())
    viewer.problem("restores/", 401)


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_reading_is_all_there_is(viewer: Reader, method: str):
    response = getattr(viewer.client, method)("/api/v1/restores/1/")
    assert response.status_code == 405
    assert response.json()["code"] == "method_not_allowed"


def test_what_is_not_there_is_a_problem(viewer: Reader):
    assert viewer.problem("restore/", 404)["code"] == "not_found"
    assert viewer.problem("restores/1/2/3/", 404)["code"] == "not_found"


def test_a_forgotten_slash_redirects(viewer: Reader):
    response = viewer.get("restores", expect=301)
    assert response["Location"] == "/api/v1/restores/"


def test_a_format_that_is_not_there_is_a_problem(viewer: Reader):
    assert viewer.problem("restores/", 404, format="xml")["code"] == "not_found"
    response = viewer.get("restores/", expect=406, headers={"Accept": "text/csv"})
    assert response.json()["code"] == "not_acceptable"


def test_the_api_can_be_browsed(viewer: Reader):
    put(restore(1), restore(2))
    for path in ("", "restores/?page_size=1", "restores/1/", "backups/", "projections/"):
        page = viewer.get(path, headers={"Accept": "text/html"})
        assert page["Content-Type"] == "text/html; charset=utf-8"
    refused = viewer.get("restores/?x=1", expect=400, headers={"Accept": "text/html"})
    assert refused["Content-Type"] == "text/html; charset=utf-8"
