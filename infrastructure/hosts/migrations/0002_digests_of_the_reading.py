"""Rows are remembered with how they were read, too: the index is made again by the next import."""

from django.db import migrations

ROWS, CHECKPOINT = "DELETE FROM hosts_importedrow", "DELETE FROM hosts_importcheckpoint"


class Migration(migrations.Migration):
    dependencies = [("hosts", "0001_initial")]

    operations = [
        migrations.RunSQL(ROWS, reverse_sql=ROWS),
        migrations.RunSQL(CHECKPOINT, reverse_sql=CHECKPOINT),
    ]
