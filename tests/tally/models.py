"""How many restores there were, by day and target."""

from django.db import models

from projections.readonly import ReadOnlyModel


class Restores(ReadOnlyModel):
    """The restores of a day and a target database, and the seconds that they took."""

    id = models.UUIDField(primary_key=True)
    day = models.DateField()
    target = models.CharField(max_length=100)
    restores = models.IntegerField()
    completed = models.IntegerField()
    seconds = models.BigIntegerField()

    class Meta:
        app_label = "tally"
        indexes = [models.Index(fields=["day"], name="tally_restores_day_idx")]
