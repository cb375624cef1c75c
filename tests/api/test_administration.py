"""Who changed what about accounts: events of the log, whether in the shell or in the admin."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from api import accounts
from domain.events import Event
from infrastructure.event_store.log import Log
from projections.history.administration_words import administration_in_words
from tests.support import here, raw
from tests.support.shell import ME


def log() -> list[Event]:
    return [event for chunk in Log().events(with_metadata=True) for event in chunk]


def told(events: list[Event]) -> list[str]:
    """Who did what, in words."""
    return [
        " ".join(
            filter(
                None,
                (
                    event.metadata.actor,
                    event.metadata.on_behalf_of and f"as {event.metadata.on_behalf_of}",
                    administration_in_words(event),
                ),
            )
        )
        for event in events
    ]


def test_the_shell_says_who_did_it(database: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LOGNAME", "somebody-else")
    here.run("accounts", "create", "ada", "--role", "viewer", "--token")
    here.run("accounts", "role", "ada", "auditor", "operator", "--actor", "grace")
    here.run("accounts", "role", "ada", "viewer", "--remove")
    here.run("accounts", "token", "ada", "--label", "ci", "--role", "viewer", "--days", "0")
    here.run("accounts", "token", "ada", "--label", "ci", "--revoke")
    here.run("accounts", "password", "ada")
    here.run("accounts", "disable", "ada")
    here.run("accounts", "disable", "ada", "--undo", "--actor", ME)
    lines = told(log())
    assert lines.pop(1).startswith(f"{ME} made a token for ada, until ")
    assert lines == [
        f"{ME} created the account ada with viewer",
        f"{ME} as grace changed the rights of ada: added auditor, operator",
        f"{ME} changed the rights of ada: removed viewer",
        f"{ME} made the token 'ci' for ada, only for viewer, without an end",
        f"{ME} revoked the token 'ci' of ada",
        f"{ME} changed the password of ada",
        f"{ME} disabled the account ada",
        f"{ME} enabled the account ada",
    ]
    assert {event.originator_version for event in log()} == set(range(1, 10))
    trail = here.run("audit").out
    said = "changed the rights of ada: added auditor, operator  [administration.RightsChanged]"
    assert f"{ME} as grace {said}" in trail
    assert here.run("verify_log", "--json").json["ok"]
    assert {one["lag_events"] for one in here.run("projections", "--json").json["projections"]} == {
        0
    }


def test_what_changes_nothing_is_no_event(database: str):
    here.run("accounts", "create", "ada", "--role", "viewer", "--dry-run")
    here.run("accounts", "list")
    assert log() == []
    here.run("accounts", "create", "ada", "--role", "viewer")
    here.run("accounts", "role", "ada", "viewer")
    assert len(log()) == 1


def test_no_secret_is_in_the_log(database: str):
    made = here.run("accounts", "create", "ada", "--token", "--json").json["accounts"][0]
    secrets = [made["new_password"], made["new_token"]]
    secrets += [
        User.objects.get().password,
        raw.value(database, "SELECT digest FROM api_access_token"),
    ]
    payloads = b"".join(
        bytes(part)
        for row in raw.rows(database, "SELECT state, metadata FROM event_store_event")
        for part in row
    )
    assert not any(secret.encode() in payloads for secret in secrets)


@pytest.fixture
def root(database: str) -> Client:
    client = Client()
    client.force_login(accounts.create("root", superuser=True))
    return client


def form(user: User, **changed: Any) -> dict[str, Any]:
    """The admin's form of an account, as a browser sends it."""
    fields = {
        "username": user.username,
        "is_active": "on",
        "groups": [group.pk for group in user.groups.all()],
        "date_joined_0": "2025-01-01",
        "date_joined_1": "00:00:00",
        **changed,
    }
    return {name: value for name, value in fields.items() if value is not None}


def test_the_admin_says_who_did_it(root: Client):
    ada = accounts.create("ada", roles=["viewer"], password="correct horse battery")
    page = f"/admin/auth/user/{ada.pk}/"
    auditor = Group.objects.get(name="auditor")
    sent = form(ada, username="adah", groups=[auditor.pk], is_superuser="on", is_active=None)
    assert root.post(f"{page}change/", sent).status_code == 302
    new = {"password1": "another horse battery", "password2": "another horse battery"}
    assert root.post(f"{page}password/", {**new, "usable_password": "true"}).status_code == 302
    root.post("/admin/auth/user/add/", {"username": "bob", "usable_password": "true", **new})
    sent = {"name": "viewer", "permissions": list(auditor.permissions.values_list("pk", flat=True))}
    viewer = Group.objects.get(name="viewer")
    assert root.post(f"/admin/auth/group/{viewer.pk}/change/", sent).status_code == 302
    root.post(f"{page}delete/", {"post": "yes"})
    boss = User.objects.get(username="root")
    boss.set_password("correct horse battery")
    boss.save()
    root.force_login(boss)
    new = {f"new_{name}": value for name, value in new.items()}
    new["old_password"] = "correct horse battery"
    assert root.post("/admin/password_change/", new).status_code == 302
    assert told(log()) == [
        "root renamed the account ada to adah",
        "root disabled the account adah",
        "root changed the rights of adah: added auditor, superuser; removed viewer",
        "root changed the password of adah",
        "root created the account bob with no rights",
        "root changed the role viewer: added api.read_audit",
        "root deleted the account adah",
        "root changed the password of root",
    ]


def test_what_the_log_does_not_take_is_not_changed(root: Client, monkeypatch: pytest.MonkeyPatch):
    ada = accounts.create("ada", roles=["viewer"])
    monkeypatch.setattr("time.time_ns", lambda: 4_102_444_800_000_000_000)
    refused = root.post(
        f"/admin/auth/user/{ada.pk}/change/", form(ada, is_superuser="on"), follow=True
    )
    assert "Nothing was changed." in refused.content.decode()
    ada.refresh_from_db()
    assert (ada.is_superuser, log()) == (False, [])
