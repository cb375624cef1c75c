"""The consolidated tables as that listing names them, and what backups are made by.

`target_database` is not there yet: the consolidation adds it.
"""

from django.conf import settings
from django.db import models


class BackupConfiguration(models.Model):
    """What is backed up, and where to."""

    name = models.CharField(max_length=100, unique=True)

    def __str__(self) -> str:
        return self.name


class BackupSchedule(models.Model):
    """When a configuration is run."""

    configuration = models.ForeignKey(BackupConfiguration, models.CASCADE, related_name="schedules")
    cron = models.CharField(max_length=100)

    def __str__(self) -> str:
        return f"{self.configuration}: {self.cron}"


class BackupLog(models.Model):
    """A backup of anything, kept on disk, in a cloud or both."""

    name = models.CharField(max_length=255)
    configuration = models.ForeignKey(
        BackupConfiguration, models.SET_NULL, null=True, blank=True, related_name="backups"
    )
    schedule = models.ForeignKey(
        BackupSchedule, models.SET_NULL, null=True, blank=True, related_name="backups"
    )
    backup_type = models.CharField(max_length=20, default="full")
    trigger_type = models.CharField(max_length=20, default="manual")
    status = models.CharField(max_length=20, default="pending")
    storage_location = models.CharField(max_length=20, default="local")
    started_at = models.DateTimeField()
    completed_at = models.DateTimeField(null=True, blank=True)
    duration_seconds = models.PositiveIntegerField(null=True, blank=True)
    local_path = models.CharField(max_length=500, null=True, blank=True)
    cloud_url = models.CharField(max_length=500, null=True, blank=True)
    file_size = models.BigIntegerField(null=True, blank=True)
    message = models.TextField(blank=True)
    is_encrypted = models.BooleanField(default=False)
    is_compressed = models.BooleanField(default=True)
    compression_type = models.CharField(max_length=20, default="gzip")
    expiry_date = models.DateField(null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="system_backups",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("-started_at",)

    def __str__(self) -> str:
        return self.name


class RestoreLog(models.Model):
    """Anything restored from a backup."""

    STATUS_CHOICES = (
        ("pending", "Pending"),
        ("in_progress", "In progress"),
        ("completed", "Completed"),
        ("failed", "Failed"),
        ("partial", "Partial"),
        ("cancelled", "Cancelled"),
    )

    name = models.CharField(max_length=255)
    source_backup = models.ForeignKey(BackupLog, models.CASCADE, related_name="restores")
    restore_type = models.CharField(max_length=20, default="full")
    trigger_type = models.CharField(max_length=20, default="manual")
    status = models.CharField(max_length=20, choices=STATUS_CHOICES, default="pending")
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
        related_name="system_restores",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("-started_at",)
        indexes = (
            models.Index(fields=["status"], name="sb_restore_status_idx"),
            models.Index(fields=["-started_at"], name="sb_restore_started_idx"),
            models.Index(fields=["restore_type"], name="sb_restore_type_idx"),
            models.Index(fields=["trigger_type"], name="sb_restore_trigger_idx"),
        )

    def __str__(self) -> str:
        return f"{self.name} ({self.status})"
