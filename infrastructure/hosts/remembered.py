"""What the index remembers of a row, and what the row adds to the index's checksum."""

NewRow = tuple[str, int, bytes | None, bytes]
"""Table, key, digest, and the stream's UUID as 16 bytes. A plain tuple: millions are made."""

MODULUS = 2**256
"""The checksum is the sum of the rows' digests, as numbers, modulo this."""


def number(digest: bytes | None) -> int:
    """What a row adds to the checksum; nothing when it has vanished."""
    return 0 if digest is None else int.from_bytes(digest, "big")
