"""The index of imported rows, and its checkpoint. Both can be rebuilt from the log.

Both tables are written in the same transaction as the events.
"""

from django.db import models


class ImportedRow(models.Model):
    """One host row as it was last imported. `row_hash` is NULL when it vanished from the host."""

    pk = models.CompositePrimaryKey("source_table", "key")
    source_table = models.CharField(max_length=63)
    key = models.BigIntegerField()
    row_hash = models.BinaryField(null=True)
    stream_id = models.UUIDField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.source_table}:{self.key}"


class ImportCheckpoint(models.Model):
    """The log position up to which the index is complete: one row, locked by every chunk.

    `position` and `hash` are the log's after the last chunk. `rows` and `checksum` are those of
    the index: the sum of its row hashes, as numbers, modulo 2^256.
    """

    id = models.SmallIntegerField(primary_key=True)
    position = models.BigIntegerField()
    hash = models.BinaryField()
    rows = models.BigIntegerField()
    checksum = models.BinaryField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"index at {self.position}"
