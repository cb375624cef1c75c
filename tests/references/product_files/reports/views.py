"""Pages about restores."""

from typing import TYPE_CHECKING

from django.apps import apps
from django.db.models import Count, F, Q
from django.shortcuts import get_object_or_404, render

if TYPE_CHECKING:
    from admin_modules.database_management.models import RestoreLog


def restore_page(request, pk):
    """One restore."""
    from admin_modules.database_management.models import BackupLog, RestoreLog as Restore

    restore = get_object_or_404(Restore, pk=pk)
    backups = BackupLog.objects.count()
    return render(request, "reports/restore.html", {"restore": restore, "backups": backups})


def begun_by_hand():
    """How many restores were begun by hand, and not retried."""
    Restore = apps.get_model("database_management", "RestoreLog")
    return (
        Restore.objects.filter(Q(restore_method="manual") | Q(restore_method__isnull=True))
        .annotate(begun=F("restore_method"))
        .order_by("-restore_method", "name")
        .values("restore_method")
        .annotate(n=Count("restore_method"))
    )


def names_of(restores: "list[RestoreLog]") -> list[str]:
    """Their names, and how they were begun."""
    return [f"{restore.name}: {restore.restore_method}" for restore in restores]
