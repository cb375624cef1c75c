"""The role migrator records restores and backups, as operator does."""

from django.db import migrations


def let_record(apps, schema_editor):
    alias = schema_editor.connection.alias
    permission = (
        apps.get_model("auth", "Permission")
        .objects.using(alias)
        .get(content_type__app_label="api", codename="record_restores")
    )
    group, _ = apps.get_model("auth", "Group").objects.using(alias).get_or_create(name="migrator")
    group.permissions.add(permission)


class Migration(migrations.Migration):
    dependencies = [("api", "0004_idempotent_response")]
    # Backwards the permission stays: somebody may have given it to the group by hand.
    operations = [migrations.RunPython(let_record, migrations.RunPython.noop)]
