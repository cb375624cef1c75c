from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("hosts", "0002_digests_of_the_reading")]

    operations = [
        migrations.CreateModel(
            name="MovedRow",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "kind",
                        "consolidated_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("kind", models.CharField(max_length=16)),
                ("consolidated_id", models.BigIntegerField()),
                ("legacy_id", models.BigIntegerField()),
            ],
            options={"default_permissions": ()},
        ),
        migrations.CreateModel(
            name="MovedRowsDigest",
            fields=[
                ("id", models.SmallIntegerField(primary_key=True, serialize=False)),
                ("digest", models.BinaryField()),
            ],
            options={"default_permissions": ()},
        ),
    ]
