"""Access tokens: random, shown once, stored as a hash, with an expiry and a set of roles."""

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import sha256

from django.conf import settings
from django.contrib.auth.models import User
from django.utils import timezone

from api.access.hasty import Recently, write_if_free
from api.models import AccessToken
from api.roles import ROLES
from domain.errors import RestoreLogError
from domain.text import is_shown

BEGINNING = "restorelog_"
"""How every new token begins, so that scanners for secrets recognise it."""

USE_IS_WRITTEN = 60.0
"""Seconds between two writes of a token's last use."""

LONGEST_DAYS = 36_500
LONGEST_LABEL = 100

_written = Recently(USE_IS_WRITTEN)


class BadLabel(RestoreLogError):
    """The label of a token is too long, or could not be shown as it is."""

    code = "label_refused"

    def __init__(self, label: str) -> None:
        super().__init__(
            f"The label {label!a} cannot be used: it may have {LONGEST_LABEL} characters, and none "
            "that a terminal would hide or obey."
        )


def token_digest(key: str) -> str:
    """The stored form of a token. A plain hash is enough: a token has 160 random bits."""
    return sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def create_token(
    user: User,
    *,
    label: str = "",
    roles: Iterable[str] = (),
    days: int | None = None,
) -> tuple[AccessToken, str]:
    """A new token with this label; an earlier one with the same label stops working.

    With `roles` it may do only what these roles may, and never more than the account. `days` until
    it expires: None means `TOKEN_DAYS`, and 0 never.
    """
    if len(label) > LONGEST_LABEL or not all(map(is_shown, label)):
        raise BadLabel(label)
    key = BEGINNING + secrets.token_hex(20)
    days = min(settings.TOKEN_DAYS if days is None else days, LONGEST_DAYS)
    now = timezone.now()
    revoke_tokens(user, label=label)
    token = AccessToken.objects.create(
        user=user,
        label=label,
        digest=token_digest(key),
        roles=[role for role in ROLES if role in set(roles)],
        created_at=now,
        expires_at=now + timedelta(days=days) if days else None,
    )
    return token, key


def revoke_tokens(user: User, *, label: str | None = None) -> list[AccessToken]:
    """Delete the account's token with this label, or all of its tokens; returns them."""
    tokens = AccessToken.objects.filter(user=user).order_by("id")
    if label is not None:
        tokens = tokens.filter(label=label)
    revoked = list(tokens)
    AccessToken.objects.filter(pk__in=[token.pk for token in revoked]).delete()
    return revoked


def token_of(key: str) -> AccessToken | None:
    """The token, also if it has expired; None if there is none. One query."""
    return AccessToken.objects.select_related("user").filter(digest=token_digest(key)).first()


def has_expired(token: AccessToken, now: datetime) -> bool:
    return token.expires_at is not None and token.expires_at <= now


def allows(token: AccessToken, permission: str) -> bool:
    """Whether the token's own roles include this permission; without roles, all of them."""
    return not token.roles or any(permission in ROLES.get(role, ()) for role in token.roles)


def note_use(token: AccessToken, now: datetime) -> None:
    """Write the last use, at most once a minute. A database that is busy or read-only is left."""
    if token.last_used_at is not None and (now - token.last_used_at) < timedelta(
        seconds=USE_IS_WRITTEN
    ):
        return
    if _written.is_due(token.pk):
        mine = AccessToken.objects.filter(pk=token.pk)
        write_if_free(lambda: mine.update(last_used_at=now))
