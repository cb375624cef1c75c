"""The index of imported rows, and its checkpoint.

On SQLite the index is a table WITHOUT ROWID: rows come in key order. Otherwise every key would be
stored twice, which slows down an import of a million rows.
"""

from typing import Any

from django.db import migrations, models

from infrastructure.hosts.sql import sql


def create_index(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute(sql("create_index_sqlite"))
    else:
        schema_editor.create_model(apps.get_model("hosts", "ImportedRow"))


def drop_index(apps: Any, schema_editor: Any) -> None:
    schema_editor.execute("DROP TABLE hosts_importedrow")


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="ImportCheckpoint",
            fields=[
                ("id", models.SmallIntegerField(primary_key=True, serialize=False)),
                ("position", models.BigIntegerField()),
                ("hash", models.BinaryField()),
                ("rows", models.BigIntegerField()),
                ("checksum", models.BinaryField()),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name="ImportedRow",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "source_table",
                                "key",
                                blank=True,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("source_table", models.CharField(max_length=63)),
                        ("key", models.BigIntegerField()),
                        ("row_hash", models.BinaryField(null=True)),
                        ("stream_id", models.UUIDField()),
                    ],
                    options={
                        "default_permissions": (),
                    },
                ),
            ],
        ),
        migrations.RunPython(create_index, drop_index),
    ]
