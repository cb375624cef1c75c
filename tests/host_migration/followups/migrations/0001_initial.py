import django.db.models.deletion
from django.db import migrations, models

KEY = models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("contenttypes", "0002_remove_content_type_name"),
        ("database_management", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Approval",
            fields=[
                ("id", KEY),
                ("by", models.CharField(max_length=50)),
                (
                    "restore",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="approval",
                        to="database_management.restorelog",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Incident",
            fields=[
                ("id", KEY),
                ("title", models.CharField(max_length=50)),
                (
                    "restores",
                    models.ManyToManyField(
                        related_name="incidents", to="database_management.restorelog"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(name="Inquiry", fields=[("id", KEY)]),
        migrations.CreateModel(
            name="Part",
            fields=[
                ("id", KEY),
                (
                    "backup",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        to="database_management.backuplog",
                    ),
                ),
                (
                    "inquiry",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, to="followups.inquiry"
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="inquiry",
            name="backups",
            field=models.ManyToManyField(
                through="followups.Part", to="database_management.backuplog"
            ),
        ),
        migrations.CreateModel(
            name="Bookmark",
            fields=[
                ("id", KEY),
                ("target_id", models.CharField(max_length=50, null=True)),
                (
                    "target_type",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        to="contenttypes.contenttype",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Remark",
            fields=[
                ("id", KEY),
                ("object_id", models.PositiveBigIntegerField()),
                ("text", models.CharField(max_length=50)),
                (
                    "content_type",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        to="contenttypes.contenttype",
                    ),
                ),
            ],
            options={"unique_together": {("content_type", "object_id", "text")}},
        ),
    ]
