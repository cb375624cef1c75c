"""A server whose database takes no writes, as a replica does, answers and records nothing."""

import pytest
from django.db import connection, connections
from django.test import Client

from api import accounts
from api.access import failed_logins, readings, tokens
from tests.support import here, raw


@pytest.fixture
def migrator(imported: str, database: str, vendor: str) -> Client:
    """With a token, on a database that is only to be read from now on."""
    token = accounts.new_token(accounts.create("grace", roles=["migrator"]))
    read_only(database, vendor)
    return Client(headers={"Authorization": f"Token {token}"})


def read_only(database: str, vendor: str) -> None:
    """From now on."""
    if vendor == "sqlite":
        connection.cursor().execute("PRAGMA query_only = ON")
    else:
        name = database.rpartition("/")[2]
        raw.execute(database, f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
        connections.close_all()


@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "once"}])
@pytest.mark.parametrize("step", ["cut_over", "roll_back", "retire"])
def test_a_step_is_refused_and_says_where_it_can_be_taken(
    migrator: Client, step: str, headers: dict[str, str]
):
    refused = migrator.post(
        f"/api/v1/consolidation/{step}/",
        {"reason": "the window"},
        content_type="application/json",
        headers=headers,
    )
    assert (refused.status_code, refused["Content-Type"]) == (503, "application/problem+json")
    assert refused.json()["code"] == "read_only_database"
    assert "replica" in refused.json()["detail"]
    assert migrator.get("/api/v1/restores/").status_code == 200


@pytest.mark.parametrize("command", ["cut_over --yes", "import_host", "rebuild"])
def test_a_command_that_writes_ends_in_one_line(migrator: Client, imported: str, command: str):
    refused = here.run(*command.split(), source=imported, check=False)
    assert (refused.code, refused.out, refused.err.count("\n")) == (2, "", 1)


def test_tokens_and_sessions_work_and_a_login_says_why_it_does_not(database: str, vendor: str):
    grace = accounts.create("grace", roles=["auditor"], password="correct horse battery")
    token, session = accounts.new_token(grace), Client()
    session.force_login(grace)
    for remembered in (tokens._written, readings._written, failed_logins._written):
        remembered.clear()
    read_only(database, vendor)
    right, wrong = (Client(headers={"Authorization": f"Token {one}"}) for one in (token, "wrong"))
    for path in ("restores/", "audit/events/", "audit/events/"):
        assert right.get(f"/api/v1/{path}").status_code == 200
        assert wrong.get(f"/api/v1/{path}").status_code == 401
        assert session.get(f"/api/v1/{path}").status_code == 200
    login = {"username": "grace", "password": "correct horse battery"}
    refused = Client().post("/login/", login)
    assert (refused.status_code, "replica" in refused.content.decode()) == (503, True)
