"""Logging in by password, at the login page and in the admin: failures are counted and limited."""

from typing import Any, cast

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import HttpRequest

from api.access.addresses import request_address
from api.access.failed_logins import attempt_succeeded, begin_attempt
from api.access.reporting import report_due
from api.access.sql import sql


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

    def get_user(self, user_id: Any) -> User | None:
        """The account of a session with its permissions, in one query; None if it may not log in.

        Each request of a browser asks for both.
        """
        statement = sql("account").format(permissions=sql("permissions"))
        rows = list(User.objects.raw(statement, [user_id] * 3))
        if not rows or not self.user_can_authenticate(rows[0]):
            return None
        user: Any = rows[0]
        if not user.is_superuser:
            told = ((row.permission_app, row.permission_name) for row in rows)
            user._perm_cache = {f"{app}.{name}" for app, name in told if name is not None}
        return cast(User, user)

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        """The account's permissions, read once for each account object, in one query.

        Django would make two queries of its own.
        """
        special = not user_obj.is_active or user_obj.is_anonymous or user_obj.is_superuser
        if special or obj is not None:
            found: set[str] = super().get_all_permissions(user_obj, obj)
            return found
        if not hasattr(user_obj, "_perm_cache"):
            with connection.cursor() as cursor:
                cursor.execute(sql("permissions"), [user_obj.pk, user_obj.pk])
                user_obj._perm_cache = {f"{app}.{name}" for app, name in cursor.fetchall()}
        kept: set[str] = user_obj._perm_cache
        return kept
