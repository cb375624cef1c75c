"""The legacy tables of a host with the fewest columns that an import can do with."""

from django.conf import settings
from django.db import models


class BackupLog(models.Model):
    """A backup of which only the number is known."""

    def __str__(self) -> str:
        return f"backup {self.pk}"


class RestoreLog(models.Model):
    """A database restored from nobody knows which dump to nobody knows where."""

    name = models.CharField(max_length=255)
    restore_method = models.CharField(max_length=20, default="manual")
    status = models.CharField(max_length=20, default="pending")
    started_at = models.DateTimeField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    duration_seconds = models.PositiveIntegerField(null=True, blank=True)
    message = models.TextField(blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="database_restores",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"{self.name} ({self.status})"
