"""REST framework's authentication by token, with our stored hashes."""

from typing import Any

from django.utils import timezone
from rest_framework import authentication
from rest_framework.exceptions import AuthenticationFailed

from api.access import tokens


class TokenAuthentication(authentication.TokenAuthentication):
    """`Authorization: Token …`. `request.auth` is the token, whose roles limit the account's."""

    def authenticate_credentials(self, key: str) -> tuple[Any, Any]:
        token, now = tokens.token_of(key), timezone.now()
        if token is None:
            raise AuthenticationFailed("The token is not valid.")
        if not token.user.is_active:
            raise AuthenticationFailed("The account of this token is disabled.")
        if tokens.has_expired(token, now):
            raise AuthenticationFailed("The token has expired. Ask for a new one.", "token_expired")
        tokens.note_use(token, now)
        return token.user, token
