"""What the index remembers of a row, and what the row adds to the index's checksum.

A row's digest has two parts: what the host says, its columns and its user's name; and how that is
read, which columns fill which targets and what is derived and assumed. When only the second
differs, the host has not changed: the row is read in another way.

Not part of it is the database name that was derived from the backup: it is frozen.
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
    """What the host says: the row's columns as JSON, and its user's name."""
    if username is None:
        return sha256(columns).digest()
    return sha256(columns + b"\n" + username.encode("utf-8", "surrogatepass")).digest()


def reading_part(sources: Sources, derived: Columns, assumed: Columns) -> bytes:
    """How it is read. Of a derived database name only that there is one."""
    frozen = {k: (None if k == "target_database" else v) for k, v in derived.items()}
    return sha256(_encode([sources, frozen, assumed])).digest()[:READING_PART]


def same_host_row(one: bytes | None, other: bytes) -> bool:
    """Whether two digests are of the same values in the host, however they are read."""
    return one is not None and one[:HOST_PART] == other[:HOST_PART]


def checksum_part(digest: bytes | None) -> int:
    """What a row adds to the checksum; nothing when it has vanished."""
    return 0 if digest is None else int.from_bytes(digest, "big")
