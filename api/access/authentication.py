"""REST framework's authentication by token, with our stored hashes."""

from http import HTTPStatus
from typing import Any

from django.utils import timezone
from rest_framework import authentication
from rest_framework.exceptions import APIException, AuthenticationFailed
from rest_framework.request import Request

from api.access import tokens
from api.access.addresses import request_address
from api.access.failed_logins import wrong_token
from api.access.reporting import report_due


class TooManyFailures(APIException):
    """Too many wrong tokens came from this address; `wait` is in seconds."""

    status_code = HTTPStatus.TOO_MANY_REQUESTS
    default_code = "too_many_failures"
    default_detail = (
        "Too many wrong tokens came from this address. A right one is accepted at once."
    )

    def __init__(self, wait: float) -> None:
        super().__init__()
        self.wait = max(wait, 1)


class TokenAuthentication(authentication.TokenAuthentication):
    """`Authorization: Token …`. `request.auth` is the token, whose roles limit the account's."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        """The account and its token; None without the header. Failures are counted."""
        self.address = request_address(request)
        found: tuple[Any, Any] | None = super().authenticate(request)
        return found

    def authenticate_credentials(self, key: str) -> tuple[Any, Any]:
        """The account of this token. Raises if there is none, or it does not work any more."""
        token, now = tokens.token_of(key), timezone.now()
        if token is None:
            failure, user = AuthenticationFailed("The token is not valid."), None
        elif not token.user.is_active:
            failure = AuthenticationFailed("The account of this token is disabled.")
            user = token.user
        elif tokens.has_expired(token, now):
            told = "The token has expired. Ask for a new one."
            failure, user = AuthenticationFailed(told, "token_expired"), token.user
        else:
            tokens.note_use(token, now)
            return token.user, token
        until = wrong_token(self.address, user)
        report_due()
        if until is not None:
            raise TooManyFailures((until - now).total_seconds())
        raise failure
