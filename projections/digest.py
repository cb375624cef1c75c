"""A table's digest: one hash over every column of every row, the same on every database.

Per column, in the table's order: `-` for NULL; else a letter for the type, the length in bytes,
`:`, and the value in UTF-8. Letters: `i` whole number in decimal, `b` boolean (`1`, `0`), `t`
text, `d` time (`YYYY-MM-DDTHH:MM:SS.ffffff`, UTC) or day (`YYYY-MM-DD`), `u` UUID. A row's
hash is the SHA-256 of that; the table's is the SHA-256 of the rows' hashes, in ascending order of
id.

The databases encode and hash the rows themselves: see the engine's dialects.
"""

from collections.abc import Iterable
from hashlib import sha256


def digest_of_hashes(hashes: Iterable[bytes]) -> str:
    """The digest of the rows' hashes, in order; several hashes may be joined in one item."""
    whole = sha256()
    for part in hashes:
        whole.update(part)
    return whole.hexdigest()
