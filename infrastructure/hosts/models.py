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


class MovedRow(models.Model):
    """The id of a legacy row's copy in the host's consolidated table, as of the last import.

    The host's own record says it, not the log: it is only remembered here, so that restores and
    backups are found by that id too.
    """

    pk = models.CompositePrimaryKey("kind", "consolidated_id")
    kind = models.CharField(max_length=16)
    consolidated_id = models.BigIntegerField()
    legacy_id = models.BigIntegerField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.kind} {self.legacy_id} copied to {self.consolidated_id}"


class MovedRowsDigest(models.Model):
    """The digest of all that `MovedRow` holds: one row, if it holds any."""

    id = models.SmallIntegerField(primary_key=True)
    digest = models.BinaryField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return "moved rows"
