"""The consolidated tables of the strange host: storage, tickets; `target_database` is there."""

from django.conf import settings
from django.db import models


class BackupLog(models.Model):
    """A backup of anything; of the usual columns it has only the name and the first date."""

    name = models.CharField(max_length=255)
    storage_location = models.CharField(max_length=200, blank=True)
    size_mb = models.DecimalField(max_digits=14, decimal_places=3, null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class RestoreLog(models.Model):
    """Anything restored from a backup; the link to the backup is a real constraint here."""

    name = models.CharField(max_length=255)
    source_backup = models.ForeignKey(
        BackupLog, models.SET_NULL, null=True, blank=True, related_name="restores"
    )
    restore_type = models.CharField(max_length=20, default="full")
    trigger_type = models.CharField(max_length=20, default="manual")
    status = models.CharField(max_length=20, default="pending")
    target_database = models.CharField(max_length=100, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    duration_seconds = models.PositiveIntegerField(null=True, blank=True)
    is_overwrite = models.BooleanField(default=False)
    message = models.TextField(blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="system_restores",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    storage_location = models.CharField(max_length=200, default="local")
    storage_options = models.JSONField(null=True)
    ticket = models.UUIDField(null=True)
    approved = models.BooleanField(null=True)
    planned_for = models.DateField(null=True)
    window_opens = models.TimeField(null=True)
    time_limit = models.DurationField(null=True)
    requested_from = models.GenericIPAddressField(null=True)
    bytes_total = models.BigIntegerField(default=0)

    class Meta:
        indexes = (models.Index(fields=["status", "created_at"], name="sb_restore_by_status"),)

    def __str__(self) -> str:
        return f"{self.name} ({self.status})"
