"""The digests of host rows in the index, and their sum, the index's checksum.

A row's digest has two parts. The first covers the host's data: the columns and the user's name.
The second covers how the row is read: which columns fill which targets, and what is derived and
assumed. If only the second part differs, the host has not changed.

The database name that was derived from the backup is not part of it, since it is frozen.
"""

from hashlib import sha256

import msgspec

from domain.values import Columns, Sources

NewRow = tuple[str, int, bytes | None, bytes]
"""Table, key, digest, and the stream's UUID as 16 bytes. A plain tuple: millions are made."""

HOST_PART, READING_PART = 32, 16
DIGEST = HOST_PART + READING_PART
"""Bytes of a digest and of its parts."""

MODULUS = 2 ** (8 * DIGEST)
"""The checksum is the sum of the rows' digests, as numbers, modulo this."""

_encode = msgspec.json.Encoder(order="deterministic").encode


def host_part(columns: bytes, username: str | None) -> bytes:
    """The digest of the host's data: the row's columns as JSON, and its user's name."""
    if username is None:
        return sha256(columns).digest()
    return sha256(columns + b"\n" + username.encode("utf-8", "surrogatepass")).digest()


def reading_part(sources: Sources, derived: Columns, assumed: Columns) -> bytes:
    """The digest of how it is read. It includes that a database name is derived, not the name."""
    frozen = {k: (None if k == "target_database" else v) for k, v in derived.items()}
    return sha256(_encode([sources, frozen, assumed])).digest()[:READING_PART]


def same_host_row(one: bytes | None, other: bytes) -> bool:
    """Whether two digests are of the same data in the host, even if read in different ways."""
    return one is not None and one[:HOST_PART] == other[:HOST_PART]


def checksum_part(digest: bytes | None) -> int:
    """The row's part of the checksum; 0 if it has vanished."""
    return 0 if digest is None else int.from_bytes(digest, "big")
