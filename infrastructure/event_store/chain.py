"""The hash chain: each event's hash covers the one before it.

    hash = SHA-256(part(previous hash) ‖ part(header) ‖ part(SHA-256(part(salt) ‖ part(state)))
                   ‖ part(SHA-256(part(salt) ‖ part(metadata))))
    part(x) = length of x as 8 bytes, big-endian ‖ x
    header  = position (8) ‖ stream id (16) ‖ stream version (8) ‖ schema version (4)
              ‖ recorded_at (8), all big-endian ‖ topic in UTF-8

over the bytes as they are stored. The payload enters as a salted digest, so that a payload and its
salt can be blanked later without breaking the chain.
"""

import os
from collections.abc import Iterable
from hashlib import sha256
from struct import Struct
from struct import error as StructError
from typing import Any

from infrastructure.event_store.records import LogRecord

GENESIS = bytes(32)
"""What the first event's hash covers in place of a previous one."""

SALT_BYTES = 16
SEAL_BYTES = 80
MALFORMED = (TypeError, ValueError, AttributeError, StructError)
"""Errors of hashing a value of the wrong type, which SQLite accepts in any column."""

_LENGTH = Struct(">Q").pack
_32 = _LENGTH(32)
_START = Struct(">Q32sQq16sqiq").pack
"""part(previous hash), the header's length, and the header up to its topic."""
_HEADER_BYTES = 8 + 16 + 8 + 4 + 8
"""The header's length without its topic."""


def seal(salt: bytes, state: bytes, metadata: bytes) -> bytes:
    """The payload's part of the hash: its two salted digests, each with its length.

    It does not depend on the event's position, so it can be computed before that is known.
    """
    salted = _LENGTH(len(salt)) + salt
    return b"".join(
        (
            _32,
            sha256(salted + _LENGTH(len(state)) + state).digest(),
            _32,
            sha256(salted + _LENGTH(len(metadata)) + metadata).digest(),
        )
    )


def payload_digest(salt: bytes, length: int) -> Any:
    """A hash object that becomes the salted digest of a payload of this length, in pieces."""
    return sha256(_LENGTH(len(salt)) + salt + _LENGTH(length))


def salted_digest(salt: bytes, payload: bytes) -> bytes:
    """The digest of a payload as `seal` has it."""
    digest = payload_digest(salt, len(payload))
    digest.update(payload)
    found: bytes = digest.digest()
    return found


def link(
    previous: bytes,
    position: int,
    stream_id: bytes,
    stream_version: int,
    topic: bytes,
    schema_version: int,
    recorded_at: int,
    seal: bytes,
) -> bytes:
    """The hash of the event with this header and seal that follows `previous`.

    `stream_id` is the UUID's 16 bytes, `recorded_at` microseconds.
    """
    length = _HEADER_BYTES + len(topic)
    start = _START(
        32, previous, length, position, stream_id, stream_version, schema_version, recorded_at
    )
    return sha256(start + topic + seal).digest()


def salts(count: int) -> list[bytes]:
    """`count` random salts, from one call to the operating system."""
    pool = os.urandom(SALT_BYTES * count)
    return [pool[i : i + SALT_BYTES] for i in range(0, len(pool), SALT_BYTES)]


class ChainVerifier:
    """Verifies the chain from just after a position. `position` is that of the last good event."""

    def __init__(self, position: int = 0, hash: bytes = GENESIS) -> None:
        self.position = position
        self.hash = hash
        self.recorded_at = 0

    def follow_all(self, records: Iterable[LogRecord]) -> str:
        """Verify the next records. Returns what is wrong with one, and stops before it; or ''."""
        position, hash_, time = self.position, self.hash, self.recorded_at
        wrong = ""
        for record in records:
            at, stream_id, version, topic, schema, state, metadata, recorded_at, salt, own = record
            if at != position + 1:
                wrong = f"position {position + 1} is missing; {at} follows"
                break
            try:
                if recorded_at < time:
                    wrong = "it was recorded before the one before it"
                    break
                found = link(
                    hash_,
                    at,
                    stream_id.bytes,
                    version,
                    topic.encode(),
                    schema,
                    recorded_at,
                    seal(salt, state, metadata),
                )
            except MALFORMED:
                wrong = "one of its columns holds a value of the wrong type"
                break
            if found != own:
                wrong = "its hash is not that of its content and of the event before it"
                break
            position, hash_, time = at, own, recorded_at
        self.position, self.hash, self.recorded_at = position, hash_, time
        return wrong
