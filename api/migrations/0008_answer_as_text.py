from django.db import migrations, models


class Migration(migrations.Migration):
    """Answers are kept to the letter."""

    dependencies = [("api", "0007_failed_login")]

    operations = [
        migrations.AlterField("idempotentresponse", "body", models.TextField()),
    ]
