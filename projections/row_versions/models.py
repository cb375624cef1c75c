"""The table of versions. Only the engine writes rows; the consolidated projector makes them."""

from django.db import models

from projections.mapping.counting_moment import COUNTS_AT
from projections.readonly import ReadOnlyModel

CELL_INDEX = "rv_restoreversion_cell_idx"
ABSENT_INDEX = "rv_restoreversion_absent_idx"

ORDERED = {
    "id": ("id",),
    "created": ("created_at", "id"),
    "status": ("status", "created_at", "id"),
    "name": ("name", "created_at", "id"),
    "target": ("target_database", "created_at", "id"),
    "backup": ("source_backup_id", "created_at", "id"),
    "user": ("created_by_id", "created_at", "id"),
    "username": ("created_by_username", "created_at", "id"),
    "started": ("started_at", "id"),
    "completed": ("completed_at", "id"),
    "updated": ("updated_at", "id"),
    "duration": ("duration_seconds", "id"),
}
"""The columns by which a list as of a position is ordered or filtered, and what ties go by."""


class RestoreVersion(ReadOnlyModel):
    """A row of the consolidated restore table, as it was from one event of the log to the next.

    `valid_from` is the position of the event that made it, `valid_to` that of the event that ended
    it; NULL while it is valid. So the version as of a position P has `valid_from <= P`, and
    `valid_to > P` or NULL. `block` and `cell` find versions: see `version_cells`.

    Legacy rows have versions whatever the scope is: where they were not in the table, readers leave
    out `origin = legacy`.

    A row that vanished from the host, or that the table cannot hold, has versions too: `present` is
    false, `absence` says why. Columns that cannot hold their value are then NULL.
    """

    valid_from = models.BigIntegerField(primary_key=True)
    valid_to = models.BigIntegerField(null=True)
    block = models.IntegerField(null=True)
    cell = models.BigIntegerField(null=True)
    id = models.BigIntegerField(null=True)
    name = models.CharField(max_length=255, null=True)
    source_backup_id = models.BigIntegerField(null=True)
    status = models.CharField(max_length=20, null=True)
    restore_type = models.CharField(max_length=20, null=True)
    trigger_type = models.CharField(max_length=20, null=True)
    target_database = models.CharField(max_length=100, null=True)
    is_overwrite = models.BooleanField(null=True)
    started_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)
    duration_seconds = models.PositiveIntegerField(null=True)
    message = models.TextField(null=True)
    created_by_id = models.CharField(max_length=255, null=True)
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)
    restore_id = models.UUIDField()
    backup_id = models.UUIDField(null=True)
    created_by_username = models.CharField(max_length=255, null=True)
    origin = models.CharField(max_length=12)
    version = models.IntegerField()
    amended = models.TextField()
    extra = models.TextField()
    validation = models.CharField(max_length=20, null=True)
    warnings_count = models.PositiveIntegerField(null=True)
    present = models.BooleanField()
    absence = models.CharField(max_length=12, null=True)
    absence_column = models.CharField(max_length=63, null=True)
    absence_reason = models.TextField(null=True)
    absent_row = models.TextField(null=True)
    is_overwrite_known_by = models.CharField(max_length=10)

    class Meta:
        verbose_name = "version of a restore"
        verbose_name_plural = "versions of restores"
        constraints = [
            models.UniqueConstraint(
                fields=["restore_id", "version"], name="rv_restoreversion_number"
            )
        ]
        indexes = [
            models.Index(fields=["status", "restore_id"], name="rv_restoreversion_status_idx"),
            # Of the versions that stay, block by block: see `version_cells`.
            *(
                models.Index(
                    fields=["block", *columns],
                    condition=models.Q(block__isnull=False),
                    name=f"rv_{name}_in_block_idx",
                )
                for name, columns in ORDERED.items()
            ),
            models.Index(
                *(models.F("block"), COUNTS_AT, models.F("id")),
                condition=models.Q(block__isnull=False),
                name="rv_counts_in_block_idx",
            ),
            # Few of them overwrote, were checked, or counted warnings.
            models.Index(
                fields=["block", "created_at", "id"],
                condition=models.Q(block__isnull=False, is_overwrite=True),
                name="rv_overwrote_in_block_idx",
            ),
            *(
                models.Index(
                    fields=["block", column, "created_at", "id"],
                    condition=models.Q(**{"block__isnull": False, f"{column}__isnull": False}),
                    name=f"rv_{name}_in_block_idx",
                )
                for name, column in (("checked", "validation"), ("warned", "warnings_count"))
            ),
            models.Index(
                fields=["cell"],
                condition=models.Q(cell__isnull=False),
                name=CELL_INDEX,
            ),
            # Not by `valid_to`: PostgreSQL then need not touch indexes when a version ends.
            models.Index(
                fields=["id"],
                condition=models.Q(present=False),
                name=ABSENT_INDEX,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.status}) from {self.valid_from}"
