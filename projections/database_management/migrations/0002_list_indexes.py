from django.db import migrations, models


class Migration(migrations.Migration):
    """An index for every ordering and filter of the lists."""

    dependencies = [("database_management", "0001_initial")]

    operations = [
        migrations.RemoveIndex(model_name="restorelog", name="dm_restorelog_status_idx"),
        migrations.RemoveIndex(model_name="restorelog", name="dm_restorelog_started_idx"),
        migrations.RemoveIndex(model_name="restorelog", name="dm_restorelog_created_idx"),
        migrations.AddIndex(
            model_name="restorelog",
            index=models.Index(
                fields=["created_at", "id", "restore_method", "origin", "version"],
                name="dm_restorelog_created_idx",
            ),
        ),
        migrations.AddIndex(
            model_name="restorelog",
            index=models.Index(
                fields=["status", "created_at", "id"], name="dm_restorelog_status_idx"
            ),
        ),
        migrations.AddIndex(
            model_name="restorelog",
            index=models.Index(fields=["name", "created_at", "id"], name="dm_restorelog_name_idx"),
        ),
        migrations.AddIndex(
            model_name="restorelog",
            index=models.Index(
                fields=["target_database", "created_at", "id"], name="dm_restorelog_target_idx"
            ),
        ),
        migrations.AddIndex(
            model_name="restorelog",
            index=models.Index(
                fields=["source_backup_id", "created_at", "id"], name="dm_restorelog_backup_idx"
            ),
        ),
        migrations.AddIndex(
            model_name="restorelog",
            index=models.Index(
                fields=["created_by_id", "created_at", "id"], name="dm_restorelog_user_idx"
            ),
        ),
        migrations.AddIndex(
            model_name="restorelog",
            index=models.Index(
                fields=["created_by_username", "created_at", "id"],
                name="dm_restorelog_username_idx",
            ),
        ),
        migrations.AddIndex(
            model_name="restorelog",
            index=models.Index(fields=["started_at", "id"], name="dm_restorelog_started_idx"),
        ),
        migrations.AddIndex(
            model_name="restorelog",
            index=models.Index(fields=["completed_at", "id"], name="dm_restorelog_completed_idx"),
        ),
        migrations.AddIndex(
            model_name="restorelog",
            index=models.Index(fields=["updated_at", "id"], name="dm_restorelog_updated_idx"),
        ),
        migrations.AddIndex(
            model_name="restorelog",
            index=models.Index(
                fields=["duration_seconds", "id"], name="dm_restorelog_duration_idx"
            ),
        ),
    ]
