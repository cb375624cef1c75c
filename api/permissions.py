"""Who may: each permission of `api.roles` as a class for views."""

from typing import Any, ClassVar

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from api import roles


class Has(BasePermission):
    """Whoever has logged in and holds `permission`, by a role or personally."""

    permission: ClassVar[str]

    def has_permission(self, request: Request, view: Any) -> bool:
        user = request.user
        return bool(user and user.is_authenticated and user.has_perm(f"api.{self.permission}"))


class ReadsRestores(Has):
    permission = roles.READ
    message = "Reading restores takes the role viewer, operator, auditor or migrator."


class ReadsAudit(Has):
    permission = roles.AUDIT
    message = "Reading the audit trail takes the role auditor."


class RunsMigration(Has):
    permission = roles.MIGRATE
    message = "The steps of the consolidation take the role migrator."
