"""The permissions of `api.roles` as classes for views."""

from typing import Any, ClassVar

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from api import roles
from api.access.tokens import allows
from api.models import AccessToken


class Has(BasePermission):
    """Requires a login with `permission`, by a role or personally."""

    permission: ClassVar[str]

    def has_permission(self, request: Request, view: Any) -> bool:
        user, token = request.user, request.auth
        if not (user and user.is_authenticated and user.has_perm(f"api.{self.permission}")):
            return False
        return not isinstance(token, AccessToken) or allows(token, self.permission)


class ReadsRestores(Has):
    permission = roles.READ
    message = "To read restores you need the role viewer, operator, auditor or migrator."


class RecordsRestores(Has):
    permission = roles.RECORD
    message = "To record restores and backups you need the role operator or migrator."


class ReadsAudit(Has):
    permission = roles.AUDIT
    message = "To read the audit trail you need the role auditor."


class RunsMigration(Has):
    permission = roles.MIGRATE
    message = "For the steps of the consolidation you need the role migrator."
