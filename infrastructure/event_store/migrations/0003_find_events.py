"""Indexes that find events by topic and by what their metadata says."""

from typing import Any

from django.db import migrations

from infrastructure.event_store.metadata_index import indexes


def forwards(apps: Any, schema_editor: Any) -> None:
    for statement in indexes(schema_editor.connection.vendor).values():
        schema_editor.execute(statement)


def backwards(apps: Any, schema_editor: Any) -> None:
    for name in indexes(schema_editor.connection.vendor):
        schema_editor.execute(f"DROP INDEX {name}")


class Migration(migrations.Migration):
    dependencies = [("event_store", "0002_append_only")]
    operations = [migrations.RunPython(forwards, backwards)]
