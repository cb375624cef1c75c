"""Digests also cover how a row is read, so the next import rebuilds the index."""

from django.db import migrations

ROWS, CHECKPOINT = "DELETE FROM hosts_importedrow", "DELETE FROM hosts_importcheckpoint"


class Migration(migrations.Migration):
    dependencies = [("hosts", "0001_initial")]

    operations = [
        migrations.RunSQL(ROWS, reverse_sql=ROWS),
        migrations.RunSQL(CHECKPOINT, reverse_sql=CHECKPOINT),
    ]
