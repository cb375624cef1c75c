"""Stream ids, and how a host is known again: verification's own computations of both."""

import hashlib
from collections.abc import Sequence
from uuid import UUID

from projections.verification.cells import Cells
from projections.verification.errors import AnotherHost
from projections.verification.readers import Reader

_VARIANT = {digit: "89ab"[int(digit, 16) & 3] for digit in "0123456789abcdef"}


def stream_ids(host: UUID, table: str, keys: Sequence[int]) -> Cells:
    """Of each row, the UUID (version 5, RFC 9562) of its table and key in the host's namespace."""
    start = hashlib.sha1(host.bytes + f"{table}:".encode(), usedforsecurity=False)
    ids = []
    for key in keys:
        digest = start.copy()
        digest.update(b"%d" % key)
        x = digest.hexdigest()
        ids.append(f"{x[:8]}-{x[8:12]}-5{x[13:16]}-{_VARIANT[x[16]]}{x[17:20]}-{x[20:32]}")
    return ids


def fingerprint(host: Reader) -> str:
    """What tells this host from others: its first migration, and when that was applied."""
    rows = host.rows("SELECT app, name, applied FROM django_migrations ORDER BY id LIMIT 1")
    app, name, applied = rows[0]
    text = "\x1f".join((str(app), str(name), "".join(filter(str.isdigit, str(applied)))))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def refuse_another_host(known: Sequence[str], host: Reader) -> None:
    """Raise `AnotherHost` unless the log knows the host by this fingerprint."""
    found = fingerprint(host)
    if found not in known:
        raise AnotherHost(known[-1], found)
