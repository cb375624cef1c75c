from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    operations = [
        migrations.CreateModel(
            name="Restores",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("day", models.DateField()),
                ("target", models.CharField(max_length=100)),
                ("restores", models.IntegerField()),
                ("completed", models.IntegerField()),
                ("seconds", models.BigIntegerField()),
            ],
            options={
                "indexes": [models.Index(fields=["day"], name="tally_restores_day_idx")],
            },
        )
    ]
