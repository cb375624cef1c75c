"""The consolidated tables. Only the engine writes rows; `projector.py` decides what is in them.

No foreign keys: hosts contain dangling ones, and a row must show what the host says. Ids come from
events, so there is no sequence either.
"""

from django.db import models

from projections.readonly import ReadOnlyModel


class RestoreLog(ReadOnlyModel):
    """A restore of any kind. The host's columns come first, then those that only the log has."""

    id = models.BigIntegerField(primary_key=True)
    name = models.CharField(max_length=255)
    source_backup_id = models.BigIntegerField(null=True)
    status = models.CharField(max_length=20)
    restore_type = models.CharField(max_length=20)
    trigger_type = models.CharField(max_length=20)
    target_database = models.CharField(max_length=100)
    is_overwrite = models.BooleanField()
    started_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)
    duration_seconds = models.PositiveIntegerField(null=True)
    message = models.TextField()
    created_by_id = models.CharField(max_length=255, null=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    restore_id = models.UUIDField(unique=True)
    backup_id = models.UUIDField(null=True)
    created_by_username = models.CharField(max_length=255, null=True)
    origin = models.CharField(max_length=12)
    version = models.IntegerField()
    amended = models.TextField()
    extra = models.TextField()
    # Only of restores that were recorded here:
    validation = models.CharField(max_length=20, null=True)
    warnings_count = models.PositiveIntegerField(null=True)

    class Meta:
        verbose_name = "restore"
        verbose_name_plural = "restores"
        indexes = [
            models.Index(fields=["status"], name="sb_restorelog_status_idx"),
            models.Index(fields=["started_at"], name="sb_restorelog_started_idx"),
            models.Index(fields=["created_at"], name="sb_restorelog_created_idx"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.status})"


class BackupLog(ReadOnlyModel):
    """A backup that a restore can be made from."""

    id = models.BigIntegerField(primary_key=True)
    name = models.CharField(max_length=255, null=True)
    backup_type = models.CharField(max_length=20, null=True)
    status = models.CharField(max_length=20, null=True)
    database_name = models.CharField(max_length=100, null=True)
    file_path = models.CharField(max_length=500, null=True)
    size_bytes = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)
    backup_id = models.UUIDField(unique=True)
    origin = models.CharField(max_length=12)
    version = models.IntegerField()
    extra = models.TextField()

    class Meta:
        verbose_name = "backup"
        verbose_name_plural = "backups"
        indexes = [
            models.Index(fields=["status"], name="sb_backuplog_status_idx"),
            models.Index(fields=["created_at"], name="sb_backuplog_created_idx"),
        ]

    def __str__(self) -> str:
        return f"{self.name or self.id} ({self.status})"
