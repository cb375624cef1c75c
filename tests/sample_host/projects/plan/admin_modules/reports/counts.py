"""How many restores of each status either table holds."""

from django.apps import apps
from django.db.models import Count

TABLES = ("database_management.RestoreLog", "system_backups.RestoreLog")


def restores_by_status() -> dict[str, dict[str, int]]:
    """Model label → status → number of rows."""
    return {
        label: {
            row["status"]: row["n"]
            for row in apps.get_model(label)
            .objects.order_by()
            .values("status")
            .annotate(n=Count("pk"))
            .order_by("status")
        }
        for label in TABLES
    }
