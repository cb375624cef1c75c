from django.db import migrations


class Migration(migrations.Migration):
    """The model has another name; its table stays as it is."""

    dependencies = [("api", "0003_answer_position")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RenameModel("Answer", "IdempotentResponse"),
                migrations.AlterModelTable("idempotentresponse", "api_answer"),
            ]
        )
    ]
