"""Tokens: hashed, limited to roles, with an end and a last use; and those from before."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection, connections, transaction
from django.test import Client
from django.utils import timezone

from api import accounts
from api.access import tokens
from api.models import AccessToken
from tests.api.conftest import Reader
from tests.support import raw


def client(token: str) -> Reader:
    return Reader(Client(headers={"Authorization": f"Token {token}"}))


def test_a_token_may_do_less_than_its_account_and_never_more(database: str):
    user = accounts.create("ada", roles=["auditor"])
    whole = client(accounts.new_token(user))
    less = client(accounts.new_token(user, label="less", roles=["viewer"]))
    more = client(accounts.new_token(user, label="more", roles=["migrator", "auditor"]))
    for reader, status in ((whole, 200), (less, 403), (more, 200)):
        reader.get("restores/")
        reader.get("audit/events/", expect=status)
    step = more.client.post("/api/v1/consolidation/cut_over/", {}, content_type="application/json")
    assert step.status_code == 403


def test_a_superusers_token_is_limited_by_its_roles(database: str):
    root = accounts.create("root", superuser=True)
    client(accounts.new_token(root)).get("audit/events/")
    client(accounts.new_token(root, roles=["viewer"])).get("audit/events/", expect=403)


def test_a_token_ends_when_it_expires(database: str):
    reader = client(accounts.new_token(accounts.create("ada", roles=["viewer"]), days=1))
    reader.get("restores/")
    AccessToken.objects.update(expires_at=timezone.now())
    assert reader.problem("restores/", 401)["code"] == "token_expired"


def last_use() -> Any:
    return AccessToken.objects.get().last_used_at


@pytest.fixture
def anew() -> Callable[[], None]:
    """As if this process had not written a last use yet."""
    tokens._written.clear()
    return tokens._written.clear


def test_the_last_use_is_written_at_most_once_a_minute(database: str, anew: Callable[[], None]):
    reader = client(accounts.new_token(accounts.create("ada", roles=["viewer"])))
    assert last_use() is None
    reader.get("restores/")
    first = last_use()
    assert timezone.now() - first < timedelta(minutes=1)
    anew()
    reader.get("restores/")
    assert last_use() == first
    AccessToken.objects.update(last_used_at=first - timedelta(seconds=61))
    reader.get("restores/")
    assert last_use() >= first


def test_a_busy_database_delays_no_request(database: str, vendor: str, anew: Callable[[], None]):
    reader = client(accounts.new_token(accounts.create("ada", roles=["viewer"])))
    with raw.connect(database) as other:
        if vendor == "sqlite":
            other.execute("BEGIN IMMEDIATE")
        else:
            other.execute("SELECT 1 FROM api_access_token FOR UPDATE")
        reader.get("restores/")
        assert last_use() is None
        other.rollback()
    anew()
    reader.get("restores/")
    assert last_use() is not None


def test_tokens_from_before_go_on_working_and_are_readable_no_more(database: str, vendor: str):
    """The upgrade, from the table that REST framework made."""
    user, key = accounts.create("ada", roles=["viewer"]), "0123456789abcdef" * 2 + "01234567"
    call_command("migrate", "api", "0005", verbosity=0)
    kind = "timestamp with time zone" if vendor == "postgresql" else "datetime"
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE authtoken_token (key varchar(40) PRIMARY KEY, "
            f"created {kind} NOT NULL, user_id integer NOT NULL UNIQUE REFERENCES auth_user (id))"
        )
        with transaction.atomic():
            cursor.execute(
                "INSERT INTO authtoken_token VALUES (%s, %s, %s)", [key, timezone.now(), user.pk]
            )
    call_command("migrate", "api", verbosity=0)
    client(key).get("restores/")
    assert "authtoken_token" not in connection.introspection.table_names()
    (token,) = accounts.describe(User.objects.get())["tokens"]
    assert (token["label"], token["roles"], token["expires_at"]) == ("", [], None)
    connections.close_all()
    if vendor == "sqlite":
        # Not even in the file's free pages.
        assert key.encode() not in Path(database.removeprefix("sqlite:///")).read_bytes()
