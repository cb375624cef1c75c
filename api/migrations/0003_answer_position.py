from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("api", "0002_answer")]

    operations = [
        migrations.AddField("answer", "version", models.BigIntegerField(null=True)),
        migrations.AddField("answer", "position", models.BigIntegerField(null=True)),
    ]
