"""The legacy tables, with the columns that the product's own schema listing names."""

from django.conf import settings
from django.db import models


class BackupLog(models.Model):
    """A dump of one database."""

    name = models.CharField(max_length=255)
    backup_type = models.CharField(max_length=20, default="full")
    backup_method = models.CharField(max_length=20, default="manual")
    status = models.CharField(max_length=20, default="pending")
    database_name = models.CharField(max_length=100)
    compression = models.CharField(max_length=20, default="gzip")
    started_at = models.DateTimeField()
    completed_at = models.DateTimeField(null=True, blank=True)
    duration_seconds = models.PositiveIntegerField(null=True, blank=True)
    file_path = models.CharField(max_length=500, null=True, blank=True)
    file_size = models.BigIntegerField(null=True, blank=True)
    message = models.TextField(blank=True)
    is_encrypted = models.BooleanField(default=False)
    retention_days = models.PositiveIntegerField(default=30)
    expiry_date = models.DateField(null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="database_backups",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("-started_at",)

    def __str__(self) -> str:
        return self.name


class RestoreLog(models.Model):
    """A database restored from a dump. It has an `is_overwrite` of its own."""

    STATUS_CHOICES = (
        ("pending", "Pending"),
        ("in_progress", "In progress"),
        ("completed", "Completed"),
        ("failed", "Failed"),
        ("cancelled", "Cancelled"),
    )

    name = models.CharField(max_length=255)
    source_backup = models.ForeignKey(BackupLog, models.CASCADE, related_name="restores")
    restore_method = models.CharField(max_length=20, default="manual")
    status = models.CharField(max_length=20, choices=STATUS_CHOICES, default="pending")
    target_database = models.CharField(max_length=100)
    started_at = models.DateTimeField()
    completed_at = models.DateTimeField(null=True, blank=True)
    duration_seconds = models.PositiveIntegerField(null=True, blank=True)
    message = models.TextField(blank=True)
    is_overwrite = models.BooleanField(default=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="database_restores",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("-started_at",)
        indexes = (
            models.Index(fields=["status"], name="dm_restore_status_idx"),
            models.Index(fields=["-started_at"], name="dm_restore_started_idx"),
            models.Index(fields=["target_database"], name="dm_restore_target_idx"),
        )

    def __str__(self) -> str:
        return f"{self.name} ({self.status})"
