"""Triggers that keep the log append-only."""

import sqlite3
from typing import Any

from django.db import migrations

from infrastructure.event_store.sql import sql


def run_script(schema_editor: Any, name: str) -> None:
    connection = schema_editor.connection
    script = sql(connection.vendor, name)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(script)
            return
        # executescript would commit the migration's transaction: one statement at a time.
        statement = ""
        for line in script.splitlines(keepends=True):
            statement += line
            if sqlite3.complete_statement(statement):
                cursor.execute(statement)
                statement = ""


def forwards(apps: Any, schema_editor: Any) -> None:
    run_script(schema_editor, "append_only")


def backwards(apps: Any, schema_editor: Any) -> None:
    run_script(schema_editor, "not_append_only")


class Migration(migrations.Migration):
    dependencies = [("event_store", "0001_initial")]
    operations = [migrations.RunPython(forwards, backwards)]
