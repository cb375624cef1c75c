"""Who may see a page. Whoever may not is told which role it needs."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from api import roles
from api.permissions import ReadsAudit, ReadsRestores


def for_readers(request: HttpRequest) -> None:
    """403 for an account that may not read restores and backups."""
    if not request.user.has_perm(f"api.{roles.READ}"):
        raise PermissionDenied(ReadsRestores.message)


def for_auditors(request: HttpRequest) -> None:
    """403 for an account that may not read the audit trail."""
    if not may_audit(request):
        raise PermissionDenied(ReadsAudit.message)


def may_audit(request: HttpRequest) -> bool:
    """Whether this account may read the audit trail, and export."""
    return bool(request.user.has_perm(f"api.{roles.AUDIT}"))
