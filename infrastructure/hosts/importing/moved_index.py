"""Remembers the ids of copies in the host's consolidated tables, so that rows are found by them.

The host's record and the log's declarations say them. An import replaces what is remembered.
"""

from collections.abc import Iterator
from hashlib import sha256

from django.db import transaction

from infrastructure.hosts.models import MovedRow, MovedRowsDigest
from infrastructure.hosts.moved_rows import BACKUP, RESTORE, MovedRows

AT_ONCE = 5_000
ONLY = 1


def remember(moved: MovedRows, using: str) -> None:
    """Remember these pairs and no others; does nothing if they are remembered already."""
    known = MovedRowsDigest.objects.using(using).filter(id=ONLY).first()
    digest = _digest(moved) if any(True for _ in _rows(moved)) else None
    if (None if known is None else bytes(known.digest)) == digest:
        return
    with transaction.atomic(using=using):
        MovedRow.objects.using(using).all().delete()
        MovedRowsDigest.objects.using(using).all().delete()
        MovedRow.objects.using(using).bulk_create(_rows(moved), batch_size=AT_ONCE)
        if digest is not None:
            MovedRowsDigest.objects.using(using).create(id=ONLY, digest=digest)


def original_of(kind: str, copy: int, using: str = "default") -> int | None:
    """The legacy id of the row of which this row of the host's consolidated table is a copy."""
    rows = MovedRow.objects.using(using).filter(kind=kind, consolidated_id=copy)
    return rows.values_list("legacy_id", flat=True).first()


def _rows(moved: MovedRows) -> Iterator[MovedRow]:
    for kind, pairs in ((RESTORE, moved.restores), (BACKUP, moved.backups)):
        for legacy, copy in zip(pairs.legacy, pairs.copies, strict=True):
            yield MovedRow(kind=kind, consolidated_id=copy, legacy_id=legacy)


def _digest(moved: MovedRows) -> bytes:
    total = sha256()
    for pairs in (moved.restores, moved.backups):
        total.update(len(pairs).to_bytes(8, "big"))
        total.update(pairs.legacy.tobytes())
        total.update(pairs.copies.tobytes())
    return total.digest()
