"""What the importer remembers of the host: an index over the log, which can be made anew from it.

Both tables are written in the transaction of the events they speak of.
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
    """How far the index speaks for the log: one row, locked by every chunk of an import.

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
