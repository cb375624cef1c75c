"""`manage.py accounts`: who may log in; and what it never shows again."""

import pytest

from tests.support import raw
from tests.support.service import run


def test_an_account_is_created_with_a_password_shown_once(database: str):
    created = run("accounts", "create", "ada", "--role", "viewer", "--json", database=database)
    (account,) = created.json["accounts"]
    assert (account["name"], account["roles"]) == ("ada", ["viewer"])
    assert len(account["new_password"]) == 20
    listed = run("accounts", "list", "--json", database=database)
    assert [a["name"] for a in listed.json["accounts"]] == ["ada"]
    assert account["new_password"] not in listed.out
    stored = raw.rows(database, "SELECT password FROM auth_user")[0][0]
    assert account["new_password"] not in stored


def test_a_token_is_shown_once_and_ends_the_one_before(database: str):
    run("accounts", "create", "ci", "--no-password", database=database)
    first = run("accounts", "token", "ci", "--json", database=database)
    second = run("accounts", "token", "ci", "--json", database=database)
    tokens = [answer.json["accounts"][0]["new_token"] for answer in (first, second)]
    assert raw.rows(database, "SELECT key FROM authtoken_token") == [(tokens[1],)]
    assert tokens[1] not in run("accounts", "list", database=database).out
    run("accounts", "token", "ci", "--revoke", database=database)
    assert raw.rows(database, "SELECT key FROM authtoken_token") == []


def test_roles_come_and_go(database: str):
    run("accounts", "create", "eve", database=database)
    given = run("accounts", "role", "eve", "operator", "auditor", "--json", database=database)
    assert given.json["accounts"][0]["roles"] == ["operator", "auditor"]
    taken = run("accounts", "role", "eve", "operator", "--remove", database=database)
    assert taken.out.strip() == "eve holds now: auditor."


def test_a_dry_run_changes_nothing_and_shows_no_secret(database: str):
    dry = run("accounts", "create", "ada", "--token", "--dry-run", "--json", database=database)
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
    ],
)
def test_what_cannot_be_is_refused_in_one_line(
    database: str, arguments: tuple[str, ...], reason: str
):
    run("accounts", "create", "ada", database=database)
    refused = run("accounts", *arguments, database=database, check=False)
    assert refused.code == 2
    assert reason in refused.err
    assert "Traceback" not in refused.err
    assert refused.out == ""


def test_a_disabled_account_can_be_let_in_again(database: str):
    run("accounts", "create", "ada", database=database)
    run("accounts", "disable", "ada", database=database)
    assert raw.rows(database, "SELECT count(*) FROM auth_user WHERE is_active") == [(0,)]
    run("accounts", "disable", "ada", "--undo", database=database)
    assert raw.rows(database, "SELECT count(*) FROM auth_user WHERE is_active") == [(1,)]
