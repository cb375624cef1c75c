"""Runs of maintenance, and anchors that were issued.

Times are those of the database server's clock, on which all servers agree.
"""

from django.db import models


class RunKind(models.TextChoices):
    """What is done."""

    VERIFY = "verify"
    REBUILD = "rebuild"


class RunOutcome(models.TextChoices):
    """How a run ended. Empty while it has not."""

    DONE = "done", "all is well"
    FOUND = "found", "a problem was found"
    FAILED = "failed", "could not be done"
    LOST = "lost", "its process ended without a result"


class MaintenanceRun(models.Model):
    """One check of the log or one rebuild, carried out by a process of its own.

    `subject` is the one table that is rebuilt; empty means all. `slot` is 1 until the run has
    ended and then null; it is unique, so one runs at a time. `began_at` is null until the process
    is there. `done` of `total` events are behind it. `result` is JSON.
    """

    kind = models.CharField(max_length=10, choices=RunKind.choices)
    subject = models.CharField(max_length=60, default="")
    actor = models.CharField(max_length=150)
    asked_at = models.DateTimeField()
    began_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    phase = models.CharField(max_length=20, default="")
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    slot = models.PositiveSmallIntegerField(null=True, unique=True)
    outcome = models.CharField(max_length=10, choices=RunOutcome.choices, default="")
    result = models.JSONField(default=dict)

    class Meta:
        db_table = "maintenance_run"
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}".strip()


class IssuedAnchor(models.Model):
    """An anchor that this service issued. The anchor itself is a file, kept elsewhere.

    This list is in the log's own database, so it proves nothing: the files do.
    """

    position = models.BigIntegerField()
    head = models.CharField(max_length=64)
    issued_at = models.DateTimeField()
    issued_by = models.CharField(max_length=310)

    class Meta:
        db_table = "maintenance_issuedanchor"
        default_permissions = ()

    def __str__(self) -> str:
        return f"anchor at {self.position}"
