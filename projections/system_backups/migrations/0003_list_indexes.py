from django.db import migrations, models


class Migration(migrations.Migration):
    """An index for every ordering and filter of the lists."""

    dependencies = [("system_backups", "0002_recorded_here")]

    operations = [
        migrations.RemoveIndex(model_name="restorelog", name="sb_restorelog_status_idx"),
        migrations.RemoveIndex(model_name="restorelog", name="sb_restorelog_started_idx"),
        migrations.RemoveIndex(model_name="restorelog", name="sb_restorelog_created_idx"),
        migrations.AddIndex(
            model_name="restorelog",
            index=models.Index(
                fields=[
                    "created_at",
                    "id",
                    "restore_type",
                    "trigger_type",
                    "is_overwrite",
                    "origin",
                    "version",
                ],
                name="sb_restorelog_created_idx",
            ),
        ),
        migrations.AddIndex(
            model_name="restorelog",
            index=models.Index(
                fields=["status", "created_at", "id"], name="sb_restorelog_status_idx"
            ),
        ),
        migrations.AddIndex(
            model_name="restorelog",
            index=models.Index(fields=["name", "created_at", "id"], name="sb_restorelog_name_idx"),
        ),
        migrations.AddIndex(
            model_name="restorelog",
            index=models.Index(
                fields=["target_database", "created_at", "id"], name="sb_restorelog_target_idx"
            ),
        ),
        migrations.AddIndex(
            model_name="restorelog",
            index=models.Index(
                fields=["source_backup_id", "created_at", "id"], name="sb_restorelog_backup_idx"
            ),
        ),
        migrations.AddIndex(
            model_name="restorelog",
            index=models.Index(
                fields=["created_by_id", "created_at", "id"], name="sb_restorelog_user_idx"
            ),
        ),
        migrations.AddIndex(
            model_name="restorelog",
            index=models.Index(
                fields=["created_by_username", "created_at", "id"],
                name="sb_restorelog_username_idx",
            ),
        ),
        migrations.AddIndex(
            model_name="restorelog",
            index=models.Index(fields=["started_at", "id"], name="sb_restorelog_started_idx"),
        ),
        migrations.AddIndex(
            model_name="restorelog",
            index=models.Index(fields=["completed_at", "id"], name="sb_restorelog_completed_idx"),
        ),
        migrations.AddIndex(
            model_name="restorelog",
            index=models.Index(fields=["updated_at", "id"], name="sb_restorelog_updated_idx"),
        ),
        migrations.AddIndex(
            model_name="restorelog",
            index=models.Index(
                fields=["duration_seconds", "id"], name="sb_restorelog_duration_idx"
            ),
        ),
        migrations.AddIndex(
            model_name="restorelog",
            index=models.Index(
                fields=["created_at", "id"],
                name="sb_restorelog_overwrote_idx",
                condition=models.Q(is_overwrite=True),
            ),
        ),
        migrations.AddIndex(
            model_name="restorelog",
            index=models.Index(
                fields=["validation", "created_at", "id"],
                name="sb_restorelog_checked_idx",
                condition=models.Q(validation__isnull=False),
            ),
        ),
        migrations.AddIndex(
            model_name="restorelog",
            index=models.Index(
                fields=["warnings_count", "created_at", "id"],
                name="sb_restorelog_warned_idx",
                condition=models.Q(warnings_count__isnull=False),
            ),
        ),
        migrations.RemoveIndex(model_name="backuplog", name="sb_backuplog_status_idx"),
        migrations.RemoveIndex(model_name="backuplog", name="sb_backuplog_created_idx"),
        migrations.AddIndex(
            model_name="backuplog",
            index=models.Index(
                fields=["created_at", "id", "backup_type", "origin", "version"],
                name="sb_backuplog_created_idx",
            ),
        ),
        migrations.AddIndex(
            model_name="backuplog",
            index=models.Index(
                fields=["status", "created_at", "id"], name="sb_backuplog_status_idx"
            ),
        ),
        migrations.AddIndex(
            model_name="backuplog",
            index=models.Index(fields=["name", "created_at", "id"], name="sb_backuplog_name_idx"),
        ),
        migrations.AddIndex(
            model_name="backuplog",
            index=models.Index(
                fields=["database_name", "created_at", "id"], name="sb_backuplog_database_idx"
            ),
        ),
        migrations.AddIndex(
            model_name="backuplog",
            index=models.Index(fields=["file_path", "id"], name="sb_backuplog_path_idx"),
        ),
        migrations.AddIndex(
            model_name="backuplog",
            index=models.Index(fields=["size_bytes", "id"], name="sb_backuplog_size_idx"),
        ),
        migrations.AddIndex(
            model_name="backuplog",
            index=models.Index(fields=["updated_at", "id"], name="sb_backuplog_updated_idx"),
        ),
    ]
