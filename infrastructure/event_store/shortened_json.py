"""Functions that shorten JSON which is too long for memory.

The codec writes compact JSON in UTF-8. `shorten_texts` reads it a piece at a time and cuts long
texts; `beginning` makes valid JSON of the first bytes of an object.
"""

import re
from collections.abc import Iterable
from hashlib import sha256

PIECE = 2_000_000
"""Bytes, or characters, that are read at a time."""

_SPECIAL = re.compile(rb'["\\]')
_WHOLE = re.compile(rb'(?:[^"\\]|\\(?:u[0-9a-fA-F]{4}|[^u]))*', re.DOTALL)
CUT = re.compile(r"… \(([0-9]+) bytes, SHA-256 [0-9a-f]{64}\)\Z")
"""The end of a text that `shorten_texts` has cut; the number is its full length in the JSON."""


class _Text:
    """A text that is being read: its beginning, its length and its digest."""

    def __init__(self, longest: int) -> None:
        self.longest = longest
        self.head = bytearray()
        self.length = 0
        self.digest = sha256()

    def add(self, part: bytes) -> None:
        self.length += len(part)
        self.digest.update(part)
        missing = self.longest + 1 - len(self.head)
        if missing > 0:
            self.head += part[:missing]

    def cut(self) -> bytes:
        """The text itself, or its beginning with the length and digest of all of it."""
        if self.length <= self.longest:
            return bytes(self.head)
        told = f"… ({self.length} bytes, SHA-256 {self.digest.hexdigest()})"
        return unbroken(bytes(self.head[: self.longest])) + told.encode()


def shorten_texts(pieces: Iterable[bytes], longest: int) -> bytes:
    """The JSON with every text cut to `longest` bytes; different texts stay different."""
    written = bytearray()
    text: _Text | None = None
    escaped = False
    for piece in pieces:
        at = 0
        while at < len(piece):
            if text is None:
                quote = piece.find(b'"', at)
                if quote < 0:
                    written += piece[at:]
                    break
                written += piece[at : quote + 1]
                text, at = _Text(longest), quote + 1
            elif escaped:
                text.add(piece[at : at + 1])
                escaped, at = False, at + 1
            else:
                found = _SPECIAL.search(piece, at)
                end = found.start() if found else len(piece)
                text.add(piece[at:end])
                at = end + 1
                if found and found.group() == b"\\":
                    text.add(b"\\")
                    escaped = True
                elif found:
                    written += text.cut() + b'"'
                    text = None
    return bytes(written)


def unbroken(text: bytes) -> bytes:
    """The beginning of a JSON text, without an incomplete character or escape at its end."""
    whole = _WHOLE.match(text)
    return (whole.group() if whole else b"").decode(errors="ignore").encode()


def beginning(head: bytes) -> bytes:
    """Valid JSON from the first bytes of an object: its members up to there, the last one cut.

    A text that is incomplete at the end of the bytes gets a `…`. Any other incomplete value is
    left out.
    """
    closing: list[bytes] = []
    kept, at = b"", 0
    # Where a value may begin: after a colon, or in a list. Elsewhere a text is a name.
    value = False
    while at < len(head):
        byte = head[at : at + 1]
        if byte == b'"':
            text = _WHOLE.match(head, at + 1)
            end = text.end() if text else at + 1
            if head[end : end + 1] != b'"':
                if value:
                    kept = head[: at + 1] + unbroken(head[at + 1 :]) + "…".encode() + b'"'
                    kept += b"".join(reversed(closing))
                break
            at = end + 1
            if value:
                kept = head[:at] + b"".join(reversed(closing))
            continue
        if byte in b"{[":
            closing.append(b"}" if byte == b"{" else b"]")
            value = byte == b"["
            kept = head[: at + 1] + b"".join(reversed(closing))
        elif byte in b"}]":
            closing.pop()
            value = bool(closing) and closing[-1] == b"]"
            kept = head[: at + 1] + b"".join(reversed(closing))
        elif byte == b":":
            value = True
        elif byte == b",":
            # The value before it is complete, also if it is a number or a boolean.
            kept = head[:at] + b"".join(reversed(closing))
            value = closing[-1] == b"]"
        at += 1
    return kept or b"{}"
