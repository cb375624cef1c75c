"""What was changed about accounts becomes events: found by comparing before and after.

Both the command and the admin change accounts in many ways, and one save can change several
things at once. So neither says what it did: the rows before and after do.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple
from uuid import uuid4

from django.contrib.auth.models import Group, User
from django.db import transaction

from api.models import AccessToken
from domain.administration import events
from domain.events import Actor
from infrastructure.event_store.log import Log
from infrastructure.recording.accounts import record_about_account, record_occurrence
from projections.services.appending import bring_up_to_date


class AccountState(NamedTuple):
    """What the log tells of an account; None if there is no such account."""

    id: int
    name: str
    is_active: bool
    rights: tuple[str, ...]
    password: str
    has_password: bool
    tokens: dict[int, AccessToken]


def account_state(name: str) -> AccountState | None:
    user = User.objects.filter(username=name).first()
    return None if user is None else state_of_account(user)


def state_of_account(user: User) -> AccountState:
    """The account as it is in the database now."""
    stored = User.objects.get(pk=user.pk)
    tokens = AccessToken.objects.filter(user=stored).order_by("id")
    return AccountState(
        stored.pk,
        stored.get_username(),
        stored.is_active,
        _rights(stored),
        stored.password,
        stored.has_usable_password(),
        {token.pk: token for token in tokens},
    )


@contextmanager
def recorded_changes(name: str, actor: Actor) -> Iterator[None]:
    """Record what the body changes about the account of this name, in the same transaction."""
    with transaction.atomic():
        before = account_state(name)
        yield
        record_changes(before, account_state(name), actor)


def record_changes(before: AccountState | None, after: AccountState | None, actor: Actor) -> None:
    """Append an event for each difference; joins the caller's transaction.

    The tables are brought up to the log when the transaction is committed.
    """
    known = after or before
    if known is None:
        return
    log, changes = Log(), list(_changes(before, after))
    for event_class, state in changes:
        record_about_account(
            log, event_class, account_id=known.id, actor=actor, account=known.name, **state
        )
    if changes:
        transaction.on_commit(bring_up_to_date)


def record_unlocked(user: User, actor: Actor) -> None:
    """Append that the account may try again; joins the caller's transaction."""
    name = user.get_username()
    record_about_account(Log(), events.LoginUnlocked, account_id=user.pk, actor=actor, account=name)
    transaction.on_commit(bring_up_to_date)


def role_permissions(group: Group | None) -> tuple[str, ...]:
    """The role's permissions, such as `api.read_audit`, in order."""
    if group is None or group.pk is None:
        return ()
    return tuple(sorted(_codes(group.permissions)))


def record_role(role: str, before: tuple[str, ...], after: tuple[str, ...], actor: Actor) -> None:
    """Append that a role allows something else now; joins the caller's transaction."""
    if before == after:
        return
    key = f"role {uuid4()}"
    record_occurrence(
        Log(), events.RoleRedefined, key, actor=actor, role=role, before=before, after=after
    )
    transaction.on_commit(bring_up_to_date)


def _changes(
    before: AccountState | None, after: AccountState | None
) -> Iterator[tuple[type[events.AccountEvent], dict[str, Any]]]:
    if after is None:
        yield events.AccountDeleted, {}
        return
    if before is None:
        yield (
            events.AccountCreated,
            {"rights": after.rights, "has_password": after.has_password},
        )
        before = after._replace(tokens={}, is_active=True)
    if before.name != after.name:
        yield events.AccountRenamed, {"former_name": before.name}
    if before.is_active != after.is_active:
        yield events.AccountEnabled if after.is_active else events.AccountDisabled, {}
    if before.rights != after.rights:
        yield events.RightsChanged, {"before": before.rights, "after": after.rights}
    if before.password != after.password:
        yield events.PasswordChanged, {"has_password": after.has_password}
    for id in before.tokens.keys() - after.tokens.keys():
        yield events.TokenRevoked, {"token_id": id, "label": before.tokens[id].label}
    for id in after.tokens.keys() - before.tokens.keys():
        token = after.tokens[id]
        yield (
            events.TokenCreated,
            {
                "token_id": id,
                "label": token.label,
                "roles": tuple(token.roles),
                "expires_at": token.expires_at,
            },
        )


def _rights(user: User) -> tuple[str, ...]:
    roles = sorted(user.groups.values_list("name", flat=True))
    flags = [
        name for name, on in (("superuser", user.is_superuser), ("staff", user.is_staff)) if on
    ]
    return (*roles, *flags, *sorted(_codes(user.user_permissions)))


def _codes(permissions: Any) -> list[str]:
    pairs = permissions.values_list("content_type__app_label", "codename")
    return [f"{app}.{codename}" for app, codename in pairs]
