"""The log's tables. They are written by `log.Log` alone; triggers keep the events append-only."""

from django.db import models


class Event(models.Model):
    """One stored event. `recorded_at` is in microseconds since 1970-01-01 UTC."""

    position = models.BigIntegerField(primary_key=True)
    stream_id = models.UUIDField()
    stream_version = models.BigIntegerField()
    topic = models.CharField(max_length=200)
    schema_version = models.IntegerField()
    state = models.BinaryField()
    metadata = models.BinaryField()
    recorded_at = models.BigIntegerField()
    salt = models.BinaryField()
    hash = models.BinaryField()

    class Meta:
        default_permissions = ("view",)
        constraints = (
            models.UniqueConstraint(
                fields=("stream_id", "stream_version"), name="event_store_event_stream"
            ),
        )

    def __str__(self) -> str:
        return f"{self.position} {self.topic}"


class Head(models.Model):
    """The last position, its hash and its time: the row that every append locks first."""

    id = models.SmallIntegerField(primary_key=True)
    position = models.BigIntegerField()
    hash = models.BinaryField()
    recorded_at = models.BigIntegerField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"head at {self.position}"
