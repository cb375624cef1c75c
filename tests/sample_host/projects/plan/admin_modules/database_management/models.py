"""The legacy tables, as in the plan. New code is meant to use `system_backups`."""

from django.conf import settings
from django.db import models


class BackupLog(models.Model):
    """A dump of one database."""

    name = models.CharField(max_length=255)
    backup_type = models.CharField(max_length=20, default="full")
    status = models.CharField(max_length=20, default="completed")
    database_name = models.CharField(max_length=100)
    file_path = models.CharField(max_length=500, blank=True)
    size_bytes = models.BigIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return self.name


class RestoreLog(models.Model):
    """A database restored from a dump.

    The link to the backup has no constraint in the database: backups are purged by a job of
    their own, and the restores that used them stay.
    """

    STATUS_CHOICES = (
        ("pending", "Pending"),
        ("in_progress", "In progress"),
        ("completed", "Completed"),
        ("failed", "Failed"),
        ("cancelled", "Cancelled"),
    )
    METHOD_CHOICES = (
        ("manual", "Manual"),
        ("automatic", "Automatic"),
        ("recovery", "Recovery"),
    )

    name = models.CharField(max_length=255)
    source_backup = models.ForeignKey(
        BackupLog,
        models.DO_NOTHING,
        null=True,
        blank=True,
        related_name="restores",
        db_constraint=False,
    )
    restore_method = models.CharField(max_length=20, choices=METHOD_CHOICES, default="manual")
    status = models.CharField(max_length=20, choices=STATUS_CHOICES, default="pending")
    target_database = models.CharField(max_length=100)
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

    class Meta:
        ordering = ("-created_at",)
        indexes = (
            models.Index(fields=["status"], name="dm_restore_status_idx"),
            models.Index(fields=["-created_at"], name="dm_restore_created_idx"),
            models.Index(fields=["started_at"], name="dm_restore_started_idx"),
        )

    def __str__(self) -> str:
        return f"{self.name} ({self.status})"

    def save(self, *args: object, **kwargs: object) -> None:
        """Work out the duration as soon as both ends are known."""
        if self.started_at and self.completed_at and self.duration_seconds is None:
            took = (self.completed_at - self.started_at).total_seconds()
            self.duration_seconds = max(0, int(took))
        super().save(*args, **kwargs)
