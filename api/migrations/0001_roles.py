"""The roles, as groups with their permissions."""

from django.db import migrations, models

PERMISSIONS = {
    "read_restores": "Can read restores and backups",
    "record_restores": "Can record restores and backups",
    "read_audit": "Can read the audit trail and export",
    "run_migration": "Can import, rebuild, cut over and roll back",
}
ROLES = {
    "viewer": ("read_restores",),
    "operator": ("read_restores", "record_restores"),
    "auditor": ("read_restores", "read_audit"),
    "migrator": ("read_restores", "run_migration"),
}


def create_roles(apps, schema_editor):
    # Django makes permissions after all migrations, which is too late for the groups; it
    # leaves alone those that it finds.
    alias = schema_editor.connection.alias
    content_type, _ = (
        apps.get_model("contenttypes", "ContentType")
        .objects.using(alias)
        .get_or_create(app_label="api", model="access")
    )
    permissions = {
        codename: apps.get_model("auth", "Permission")
        .objects.using(alias)
        .get_or_create(content_type=content_type, codename=codename, defaults={"name": name})[0]
        for codename, name in PERMISSIONS.items()
    }
    for role, codenames in ROLES.items():
        group, _ = apps.get_model("auth", "Group").objects.using(alias).get_or_create(name=role)
        group.permissions.add(*(permissions[codename] for codename in codenames))


class Migration(migrations.Migration):
    initial = True
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [
        migrations.CreateModel(
            name="Access",
            fields=[("id", models.BigAutoField(primary_key=True))],
            options={
                "permissions": list(PERMISSIONS.items()),
                "managed": False,
                "default_permissions": (),
            },
        ),
        # Backwards the groups stay: people may be in them.
        migrations.RunPython(create_roles, migrations.RunPython.noop),
    ]
