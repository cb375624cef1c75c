"""The table of sums. Only the engine writes it; `contribution.py` decides what is in it."""

from django.db import models

from projections.readonly import ReadOnlyModel


class Grain(models.TextChoices):
    """How long the period of a row is; periods are of UTC."""

    HALF = "half"
    """Half an hour: whole days of nearly all time zones consist of them."""
    DAY = "day"
    MONTH = "month"


class Dimension(models.TextChoices):
    """By what a row counts. Half hours count by nothing."""

    ALL = "all"
    TARGET = "target"
    TYPE = "type"
    TRIGGER = "trigger"
    PERSON = "person"
    WORD = "word"
    """Only statuses that the service does not know."""


VALUE_INDEX = "st_restoresums_value_idx"


class RestoreSums(ReadOnlyModel):
    """The restores of one period, one value of a dimension and one origin, that do not run.

    `completed` to `other` are numbers of restores by status; `passed` and `refuted` those of
    completed and partial ones by the result of their validation. Of restores that completed or
    failed, or partly did: `negative` end before they start, `missing` have no duration, `seconds`
    is the sum of the others' durations, and `durations` is a histogram of them, by bucket.
    """

    kept_by = VALUE_INDEX  # the rows of one value over a long time stand together

    id = models.UUIDField(primary_key=True)
    dimension = models.CharField(max_length=10, choices=Dimension.choices)
    value = models.TextField(null=True)
    grain = models.CharField(max_length=10, choices=Grain.choices)
    begins = models.DateTimeField()
    origin = models.CharField(max_length=12)
    completed = models.IntegerField()
    partial = models.IntegerField()
    failed = models.IntegerField()
    cancelled = models.IntegerField()
    other = models.IntegerField()
    passed = models.IntegerField()
    refuted = models.IntegerField()
    negative = models.IntegerField()
    missing = models.IntegerField()
    seconds = models.BigIntegerField()
    durations = models.TextField()

    class Meta:
        verbose_name = "sums of restores"
        verbose_name_plural = "sums of restores"
        indexes = [
            models.Index(fields=["dimension", "grain", "begins"], name="st_restoresums_begins_idx"),
            models.Index(fields=["dimension", "value", "grain", "begins"], name=VALUE_INDEX),
        ]

    def __str__(self) -> str:
        return f"{self.dimension} {self.value} of the {self.grain} from {self.begins}"
