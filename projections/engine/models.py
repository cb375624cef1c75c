"""The engine's own tables: generations with their checkpoints, and withheld rows."""

from django.db import models


class GenerationState(models.TextChoices):
    """Which of a projection's tables a generation is."""

    BUILDING = "building"
    LIVE = "live"
    FROZEN = "frozen"


class Generation(models.Model):
    """One filling of one projection's table, with its checkpoint.

    `position` and `hash` are those of the last event applied; they are committed in one
    transaction with the rows. `error` is not empty if a projector could not go on: the generation
    is then stopped before `failed_position`, and readers still see it. `digest` is the table's
    digest from when it was frozen, if it was computed.
    """

    label = models.CharField(max_length=60)
    scope = models.CharField(max_length=10)
    projector_version = models.IntegerField()
    state = models.CharField(max_length=10, choices=GenerationState.choices)
    position = models.BigIntegerField(default=0)
    hash = models.BinaryField(default=bytes(32))
    rows = models.BigIntegerField(default=0)
    created_at = models.DateTimeField()
    switched_at = models.DateTimeField(null=True)
    digest = models.CharField(max_length=64, default="")
    error = models.TextField(default="")
    failed_position = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["label", "state"], name="engine_generation_one_per_state"
            )
        ]

    def __str__(self) -> str:
        return f"{self.label} #{self.pk} ({self.state}, at {self.position})"


class WithheldRow(models.Model):
    """A row that is kept out of its table, and why.

    `quarantined`: the table's columns cannot hold it; `column` and `reason` say which and why.
    `vanished`: it is no longer in the host. `row` is its state, needed if it changes or returns;
    `position` is the event that withheld it. `row_id` is null if the id itself does not fit.
    """

    class Cause(models.TextChoices):
        QUARANTINED = "quarantined"
        VANISHED = "vanished"

    generation = models.ForeignKey(Generation, on_delete=models.CASCADE, related_name="withheld")
    stream_id = models.UUIDField()
    row_id = models.BigIntegerField(null=True)
    cause = models.CharField(max_length=12, choices=Cause.choices)
    column = models.CharField(max_length=63, default="")
    reason = models.TextField(default="")
    position = models.BigIntegerField()
    row = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["generation", "stream_id"], name="engine_withheldrow_one_per_stream"
            )
        ]

    def __str__(self) -> str:
        return f"{self.stream_id} ({self.cause})"
