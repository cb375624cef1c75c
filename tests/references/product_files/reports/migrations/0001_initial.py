"""The reviews' table."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Made by Django."""

    initial = True
    dependencies = [("database_management", "0001_initial")]
    operations = [
        migrations.CreateModel(
            name="RestoreReview",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("verdict", models.CharField(default="fine", max_length=20)),
                (
                    "restore",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="reviews",
                        to="database_management.restorelog",
                    ),
                ),
            ],
        ),
    ]
