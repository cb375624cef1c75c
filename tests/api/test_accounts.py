"""`manage.py accounts`: who may log in; and what it never shows again."""

import json
from datetime import UTC, datetime
from hashlib import sha256
from io import StringIO
from typing import Any, NamedTuple

import pytest
from django.core.management import CommandError, call_command

from tests.support import raw
from tests.support.service import run as run_command


class Answer(NamedTuple):
    code: Any
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def run(*arguments: str) -> Answer:
    """The command in this process, which is much faster than in one of its own."""
    out, err = StringIO(), StringIO()
    code: Any = 0
    try:
        call_command(*arguments, stdout=out, stderr=err)
    except SystemExit as exit:
        code = exit.code
    except CommandError as error:
        code, _ = 2, err.write(str(error))
    return Answer(code, out.getvalue(), err.getvalue())


def test_an_account_is_created_with_a_password_shown_once(database: str):
    created = run_command(
        "accounts", "create", "ada", "--role", "viewer", "--json", database=database
    )
    (account,) = created.json["accounts"]
    assert (account["name"], account["roles"]) == ("ada", ["viewer"])
    assert len(account["new_password"]) == 20
    listed = run("accounts", "list", "--json")
    assert [a["name"] for a in listed.json["accounts"]] == ["ada"]
    assert account["new_password"] not in listed.out
    stored = raw.rows(database, "SELECT password FROM auth_user")[0][0]
    assert account["new_password"] not in stored


def test_a_token_is_shown_once_and_ends_the_one_before(database: str):
    run("accounts", "create", "ci", "--no-password")
    first = run("accounts", "token", "ci", "--json")
    second = run("accounts", "token", "ci", "--json")
    tokens = [answer.json["accounts"][0]["new_token"] for answer in (first, second)]
    stored = raw.rows(database, "SELECT digest FROM api_access_token")
    assert stored == [(sha256(tokens[1].encode()).hexdigest(),)]
    assert tokens[1] not in run("accounts", "list").out
    run("accounts", "token", "ci", "--revoke")
    assert raw.rows(database, "SELECT digest FROM api_access_token") == []


def test_an_account_has_a_token_for_each_label(database: str):
    run("accounts", "create", "ci", "--no-password", "--role", "operator")
    for options in ([], ["--label", "ci"], ["--label", "ci", "--role", "viewer", "--days", "7"]):
        run("accounts", "token", "ci", *options)
    (account,) = run("accounts", "list", "--json").json["accounts"]
    assert [(one["label"], one["roles"]) for one in account["tokens"]] == [
        ("", []),
        ("ci", ["viewer"]),
    ]
    days = [
        (datetime.fromisoformat(one["expires_at"]) - datetime.now(UTC)).days + 1
        for one in account["tokens"]
    ]
    assert days == [365, 7]
    revoked = run("accounts", "token", "ci", "--label", "ci", "--revoke")
    assert revoked.out.strip() == "ci has lost 1 token."
    assert "as the account" in run("accounts", "list").out
    forever = run("accounts", "token", "ci", "--days", "0", "--json").json["accounts"][0]
    assert forever["tokens"][0]["expires_at"] is None


def test_roles_come_and_go(database: str):
    run("accounts", "create", "eve")
    given = run("accounts", "role", "eve", "operator", "auditor", "--json")
    assert given.json["accounts"][0]["roles"] == ["operator", "auditor"]
    taken = run("accounts", "role", "eve", "operator", "--remove")
    assert taken.out.strip() == "eve now has: auditor."


def test_a_dry_run_changes_nothing_and_shows_no_secret(database: str):
    dry = run("accounts", "create", "ada", "--token", "--dry-run", "--json")
    assert "new_password" not in dry.json["accounts"][0]
    assert "new_token" not in dry.json["accounts"][0]
    assert raw.rows(database, "SELECT count(*) FROM auth_user") == [(0,)]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("token", "nobody"), "There is no account 'nobody'."),
        (("role", "nobody", "viewer"), "There is no account 'nobody'."),
        (("create", "a b"), "Enter a valid username."),
        (("create", "ada"), "There is an account 'ada' already."),
        (("create", "Ada"), "There is an account 'Ada' already."),
        (("create", "eve", "--prompt"), "--prompt needs a terminal."),
        (("role", "ada", "emperor"), "invalid choice: 'emperor'"),
        (("token", "ada", "--days", "-1"), "-1 is too small"),
        (("token", "ada", "--label", "a\nb"), "The label 'a\\nb' cannot be used"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(
    database: str, arguments: tuple[str, ...], reason: str
):
    run("accounts", "create", "ada")
    refused = run("accounts", *arguments)
    assert refused.code == 2
    assert reason in refused.err
    assert "Traceback" not in refused.err
    assert refused.out == ""


def test_a_disabled_account_can_be_let_in_again(database: str):
    run("accounts", "create", "ada")
    run("accounts", "disable", "ada")
    assert raw.rows(database, "SELECT count(*) FROM auth_user WHERE is_active") == [(0,)]
    run("accounts", "disable", "ada", "--undo")
    assert raw.rows(database, "SELECT count(*) FROM auth_user WHERE is_active") == [(1,)]
