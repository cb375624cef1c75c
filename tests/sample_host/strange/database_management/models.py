"""The legacy tables of the strange host: with compression, checksums and estimates."""

from django.conf import settings
from django.db import models


class BackupLog(models.Model):
    """A dump of one database; without a path and a size, with a checksum."""

    name = models.CharField(max_length=255)
    status = models.CharField(max_length=20, default="completed")
    database_name = models.CharField(max_length=100)
    checksum = models.BinaryField(null=True)
    encrypted = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class RestoreLog(models.Model):
    """A database restored from a dump; the link to the dump is a real constraint here."""

    id = models.BigAutoField(primary_key=True)
    compression = models.CharField(max_length=30, null=True)
    compression_ratio = models.FloatField(null=True)
    checksum = models.BinaryField(null=True)
    name = models.CharField(max_length=255)
    source_backup = models.ForeignKey(
        BackupLog, models.SET_NULL, null=True, blank=True, related_name="restores"
    )
    restore_method = models.CharField(max_length=20, default="manual")
    status = models.CharField(max_length=20, default="pending")
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
    estimate = models.DecimalField(max_digits=20, decimal_places=6, null=True)
    options = models.JSONField(null=True)
    retention = models.CharField(max_length=40, null=True, db_column="Retention Class")

    class Meta:
        indexes = (models.Index(fields=["status", "created_at"], name="dm_restore_by_status"),)

    def __str__(self) -> str:
        return f"{self.name} ({self.status})"
