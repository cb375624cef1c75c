"""People and programs that may log in: their roles, passwords and tokens."""

import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib.auth.models import Group, User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from api.access import tokens
from api.access.failed_logins import locked_accounts
from api.models import AccessToken
from api.roles import ROLES
from domain.errors import RestoreLogError


class AccountExists(RestoreLogError):
    code = "account_exists"

    def __init__(self, name: str) -> None:
        super().__init__(f"There is an account {name!r} already. See: manage.py accounts list")


class AccountNotFound(RestoreLogError):
    code = "account_not_found"

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no account {name!r}. See: manage.py accounts list")


class BadAccount(RestoreLogError):
    code = "account_refused"

    def __init__(self, error: ValidationError) -> None:
        super().__init__(" ".join(error.messages))


@transaction.atomic
def create(
    name: str, *, roles: Iterable[str] = (), password: str | None = None, superuser: bool = False
) -> User:
    """Create an account; without a password it can only use a token."""
    user = User(username=name, is_staff=superuser, is_superuser=superuser)
    try:
        User.username.field.clean(name, user)
    except ValidationError as error:
        raise BadAccount(error) from error
    if User.objects.filter(username__iexact=name).exists():
        raise AccountExists(name)
    set_password(user, password)
    give_roles(user, roles)
    return user


def find(name: str) -> User:
    try:
        return User.objects.get(username=name)
    except User.DoesNotExist as error:
        raise AccountNotFound(name) from error


def set_password(user: User, password: str | None) -> None:
    """Change the password, which ends the account's sessions. None disables login by password."""
    if password is not None:
        try:
            validate_password(password, user)
        except ValidationError as error:
            raise BadAccount(error) from error
    user.set_password(password)
    user.save()


def generated_password() -> str:
    """A random password of 120 bits."""
    return secrets.token_urlsafe(15)


@transaction.atomic
def new_token(
    user: User, *, label: str = "", roles: Iterable[str] = (), days: int | None = None
) -> str:
    """A new token for this account, as `tokens.create_token` says; shown nowhere else."""
    return tokens.create_token(user, label=label, roles=roles, days=days)[1]


def give_roles(user: User, roles: Iterable[str]) -> None:
    user.groups.add(*Group.objects.filter(name__in=list(roles)))


def take_roles(user: User, roles: Iterable[str]) -> None:
    user.groups.remove(*Group.objects.filter(name__in=list(roles)))


def set_active(user: User, active: bool) -> None:
    """Allow or forbid the account to log in and to use its token."""
    user.is_active = active
    user.save(update_fields=["is_active"])


def describe(user: User) -> dict[str, Any]:
    """An account's line in `accounts list`, without its password and the tokens themselves."""
    held = {group.name for group in user.groups.all()}
    its_tokens = AccessToken.objects.filter(user=user).order_by("label")
    return {
        "name": user.get_username(),
        "roles": [role for role in ROLES if role in held],
        "active": user.is_active,
        "locked_until": _text(locked_accounts().get(user.pk)),
        "superuser": user.is_superuser,
        "password": user.has_usable_password(),
        "token": bool(its_tokens),
        "tokens": [_described(token) for token in its_tokens],
        "last_login": _text(user.last_login),
    }


def everyone() -> list[dict[str, Any]]:
    users = User.objects.order_by("username").prefetch_related("groups")
    return [describe(user) for user in users]


def _described(token: AccessToken) -> dict[str, Any]:
    return {
        "label": token.label,
        "roles": token.roles,
        "created_at": _text(token.created_at),
        "expires_at": _text(token.expires_at),
        "last_used_at": _text(token.last_used_at),
    }


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
