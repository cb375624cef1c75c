"""The last heartbeat of each running restore, and when the service last started.

Times are those of the database server's clock, on which all servers agree.
"""

from django.db import models


class Heartbeat(models.Model):
    """What the program that watches a restore said last. It is deleted once the restore is over."""

    restore_id = models.UUIDField(primary_key=True)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    percent = models.FloatField(null=True)
    phase = models.TextField()
    output = models.TextField()

    class Meta:
        db_table = "running_heartbeat"
        default_permissions = ()
        indexes = [models.Index(fields=["last_at"], name="running_heartbeat_last_idx")]

    def __str__(self) -> str:
        return f"{self.restore_id} ({self.last_at})"


class ServiceStart(models.Model):
    """When a server of the service last started: one row. No restore was silent before that."""

    number = models.PositiveSmallIntegerField(primary_key=True, default=1)
    started_at = models.DateTimeField()

    class Meta:
        db_table = "running_servicestart"
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.started_at)
