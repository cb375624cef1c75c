"""Conversion of many UUIDs at once. One by one takes longer than reading the rest of the rows."""

from collections.abc import Iterable
from uuid import UUID

import msgspec

_decode = msgspec.json.Decoder(list[UUID]).decode


def from_hex(digits: Iterable[str]) -> list[UUID]:
    """The UUIDs with these digits, 32 each, with or without hyphens."""
    joined = '","'.join(digits)
    return _decode(f'["{joined}"]') if joined else []


def from_bytes(values: Iterable[bytes]) -> list[UUID]:
    """The UUIDs of 16 bytes each."""
    joined = b"".join(values)
    return from_hex(joined.hex(",", 16).split(",")) if joined else []
