"""A server whose database takes no writes, as a replica does, answers and records nothing."""

import pytest
from django.db import connection, connections
from django.test import Client

from api import accounts
from tests.support import here, raw


@pytest.fixture
def migrator(imported: str, database: str, vendor: str) -> Client:
    """With a token, on a database that is only to be read from now on."""
    token = accounts.new_token(accounts.create("grace", roles=["migrator"]))
    if vendor == "sqlite":
        connection.cursor().execute("PRAGMA query_only = ON")
    else:
        name = database.rpartition("/")[2]
        raw.execute(database, f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
        connections.close_all()
    return Client(headers={"Authorization": f"Token {token}"})


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
