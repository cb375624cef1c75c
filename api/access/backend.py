"""Logging in by password, at the login page and in the admin: failures are counted and limited."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from api.access.addresses import request_address
from api.access.failed_logins import attempt_succeeded, begin_attempt
from api.access.reporting import report_due


class LimitedBackend(ModelBackend):
    """Django's, which is not asked while the account or the address is locked."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **kwargs: Any,
    ) -> User | None:
        """The account; None if name and password do not match.

        While they are locked, `PermissionDenied` is raised, as Django documents it, and the
        request has `locked_until`.
        """
        if request is None or username is None or password is None:
            return super().authenticate(request, username=username, password=password, **kwargs)
        attempt = begin_attempt(username, request_address(request))
        if attempt.locked_until is not None:
            request.locked_until = attempt.locked_until  # type: ignore[attr-defined]
            raise PermissionDenied
        user: User | None = super().authenticate(request, username=username, password=password)
        if user is not None:
            attempt_succeeded(attempt)
        report_due()
        return user
