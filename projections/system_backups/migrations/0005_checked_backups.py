from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("system_backups", "0004_counting_moment"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="restorelog",
            index=models.Index(
                condition=models.Q(("validation__isnull", False)),
                fields=["source_backup_id"],
                name="sb_restorelog_proved_idx",
            ),
        ),
    ]
