"""The consolidated tables. Only the engine writes rows; `projector.py` decides what is in them.

No foreign keys: hosts contain dangling ones, and a row must show what the host says. Ids come from
events, so there is no sequence either.
"""

from django.db import models

from projections.mapping.counting_moment import COUNTS_AT
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
            # Each serves a filter and an ordering: docs/adr/0031-an-index-for-every-list.md.
            models.Index(
                fields=[
                    *("created_at", "id"),
                    *("restore_type", "trigger_type", "is_overwrite", "origin", "version"),
                ],
                name="sb_restorelog_created_idx",
            ),
            models.Index(fields=["status", "created_at", "id"], name="sb_restorelog_status_idx"),
            models.Index(fields=["name", "created_at", "id"], name="sb_restorelog_name_idx"),
            models.Index(
                fields=["target_database", "created_at", "id"],
                name="sb_restorelog_target_idx",
            ),
            models.Index(
                fields=["source_backup_id", "created_at", "id"],
                name="sb_restorelog_backup_idx",
            ),
            models.Index(
                fields=["created_by_id", "created_at", "id"],
                name="sb_restorelog_user_idx",
            ),
            models.Index(
                fields=["created_by_username", "created_at", "id"],
                name="sb_restorelog_username_idx",
            ),
            models.Index(fields=["started_at", "id"], name="sb_restorelog_started_idx"),
            models.Index(fields=["completed_at", "id"], name="sb_restorelog_completed_idx"),
            models.Index(fields=["updated_at", "id"], name="sb_restorelog_updated_idx"),
            models.Index(COUNTS_AT, models.F("id"), name="sb_restorelog_counts_idx"),
            models.Index(fields=["duration_seconds", "id"], name="sb_restorelog_duration_idx"),
            models.Index(
                fields=["created_at", "id"],
                name="sb_restorelog_overwrote_idx",
                condition=models.Q(is_overwrite=True),
            ),
            models.Index(
                fields=["validation", "created_at", "id"],
                name="sb_restorelog_checked_idx",
                condition=models.Q(validation__isnull=False),
            ),
            # Whether a restore from a backup was checked, however many were not.
            models.Index(
                fields=["source_backup_id"],
                name="sb_restorelog_proved_idx",
                condition=models.Q(validation__isnull=False),
            ),
            models.Index(
                fields=["warnings_count", "created_at", "id"],
                name="sb_restorelog_warned_idx",
                condition=models.Q(warnings_count__isnull=False),
            ),
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
            models.Index(
                fields=["created_at", "id", "backup_type", "origin", "version"],
                name="sb_backuplog_created_idx",
            ),
            models.Index(fields=["status", "created_at", "id"], name="sb_backuplog_status_idx"),
            models.Index(fields=["name", "created_at", "id"], name="sb_backuplog_name_idx"),
            models.Index(
                fields=["database_name", "created_at", "id"],
                name="sb_backuplog_database_idx",
            ),
            models.Index(fields=["file_path", "id"], name="sb_backuplog_path_idx"),
            models.Index(fields=["size_bytes", "id"], name="sb_backuplog_size_idx"),
            models.Index(fields=["updated_at", "id"], name="sb_backuplog_updated_idx"),
        ]

    def __str__(self) -> str:
        return f"{self.name or self.id} ({self.status})"
