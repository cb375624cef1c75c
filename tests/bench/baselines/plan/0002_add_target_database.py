"""The plan's first step: the column that the consolidated table lacks."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("system_backups", "0001_initial")]
    operations = [
        migrations.AddField(
            "restorelog", "target_database", models.CharField(max_length=100, default="")
        )
    ]
