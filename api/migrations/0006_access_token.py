"""Tokens are stored as hashes. Those that REST framework stored readable go on working."""

from hashlib import sha256

import django.db.models.deletion
from django.apps.registry import Apps
from django.conf import settings
from django.db import migrations, models
from django.db.migrations.recorder import MigrationRecorder

FORMER = "authtoken_token"


def hash_former(apps, schema_editor):
    """Take over the tokens of `rest_framework.authtoken`, if there are any, and drop its table."""
    connection = schema_editor.connection
    with connection.cursor() as cursor:
        if FORMER not in connection.introspection.table_names(cursor):
            return
    token = former_model()
    new = apps.get_model("api", "AccessToken").objects.using(connection.alias)
    for key, user_id, created in (
        token.objects.using(connection.alias).values_list("key", "user_id", "created").iterator()
    ):
        digest = sha256(key.encode()).hexdigest()
        new.create(user_id=user_id, digest=digest, roles=[], created_at=created)
    if connection.vendor == "sqlite":
        # Overwrite the readable tokens in the file, too.
        schema_editor.execute("PRAGMA secure_delete = ON")
    token.objects.using(connection.alias).all().delete()
    schema_editor.delete_model(token)
    # Should an earlier version of the service ever be run again, it makes its table anew.
    MigrationRecorder(connection).Migration.objects.using(connection.alias).filter(
        app="authtoken"
    ).delete()


def former_model():
    """The table as `rest_framework.authtoken` made it; that app is not installed any more."""

    class Meta:
        app_label = "authtoken"
        apps = Apps()
        db_table = FORMER

    columns = {
        "key": models.CharField(max_length=40, primary_key=True),
        "user_id": models.IntegerField(),
        "created": models.DateTimeField(),
    }
    return type("Token", (models.Model,), {"__module__": __name__, "Meta": Meta, **columns})


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("api", "0005_migrators_record"),
    ]
    operations = [
        migrations.CreateModel(
            name="AccessToken",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("label", models.CharField(blank=True, default="", max_length=100)),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("roles", models.JSONField(default=list)),
                ("created_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField(null=True)),
                ("last_used_at", models.DateTimeField(null=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "api_access_token",
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("user", "label"), name="api_access_token_one_per_label"
                    )
                ],
            },
        ),
        # Backwards the tokens are lost: a hash cannot be turned into a token.
        migrations.RunPython(hash_former, migrations.RunPython.noop),
    ]
