from django.db import migrations, models


class Migration(migrations.Migration):
    """The scopes' names are not the engine's any more; the column stays as it is."""

    dependencies = [("engine", "0002_generation_digest")]

    operations = [
        migrations.AlterField(
            model_name="generation", name="scope", field=models.CharField(max_length=10)
        )
    ]
