"""Indexes that find the starts of restores by who recorded them."""

from typing import Any

from django.db import migrations

from infrastructure.event_store.metadata_index import indexes_of_topic

TOPIC = "restore.Started"


def forwards(apps: Any, schema_editor: Any) -> None:
    for statement in indexes_of_topic(TOPIC, schema_editor.connection.vendor).values():
        schema_editor.execute(statement)


def backwards(apps: Any, schema_editor: Any) -> None:
    for name in indexes_of_topic(TOPIC, schema_editor.connection.vendor):
        schema_editor.execute(f"DROP INDEX {name}")


class Migration(migrations.Migration):
    dependencies = [("event_store", "0003_find_events")]
    operations = [migrations.RunPython(forwards, backwards)]
