"""Whether the login that opened a stream still allows it: asked again while the stream is open."""

from collections.abc import Collection
from typing import NamedTuple

from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.utils import timezone
from rest_framework.request import Request

from api.access.tokens import allows, has_expired
from api.models import AccessToken


class Credential(NamedTuple):
    """What an account logged in with: a token, or a session and the password's hash in it."""

    account: int
    token: int | None
    session: str | None
    session_hash: str


def credential_of(request: Request) -> Credential:
    """The credential of a request that was authenticated."""
    if isinstance(request.auth, AccessToken):
        return Credential(request.user.pk, request.auth.pk, None, "")
    key = request._request.session.session_key
    return Credential(request.user.pk, None, key, request.user.get_session_auth_hash())


def lapsed(credentials: Collection[Credential], permission: str) -> set[Credential]:
    """Those that no longer give this permission, such as `read_audit`."""
    now = timezone.now()
    accounts = User.objects.filter(pk__in={one.account for one in credentials}, is_active=True)
    allowed = {user.pk: user for user in accounts if user.has_perm(f"api.{permission}")}
    tokens = AccessToken.objects.in_bulk([one.token for one in credentials if one.token])
    keys = [one.session for one in credentials if one.session]
    sessions = set(
        Session.objects.filter(session_key__in=keys, expire_date__gt=now).values_list(
            "session_key", flat=True
        )
        if keys
        else ()
    )

    def holds(one: Credential) -> bool:
        user = allowed.get(one.account)
        if user is None:
            return False
        if one.token is None:
            return one.session in sessions and user.get_session_auth_hash() == one.session_hash
        token = tokens.get(one.token)
        return token is not None and not has_expired(token, now) and allows(token, permission)

    return {one for one in credentials if not holds(one)}
