"""The results of a comparison: differences, each with its cause, and the counts of a table."""

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from projections.verification.chunks import CellViolation, ComparedChunk, Overruled

Cause = Literal["projection_wrong", "host_changed", "quarantined"]


class Difference(NamedTuple):
    """One column of one row; `column` is "" when the whole row is missing or unexpected.

    `misfit` is the value that keeps a quarantined row out of the table; `expected` then shows it.
    None for any other difference.
    """

    table: str
    pk: Any
    column: str
    expected: Any
    found: Any
    cause: Cause
    misfit: CellViolation | None = None


class Digest:
    """SHA-256 over the SHA-256 of each row, in order of id."""

    def __init__(self) -> None:
        self.sum = hashlib.sha256()

    def add(self, rows: Sequence[str]) -> None:
        sha256 = hashlib.sha256
        self.sum.update(
            b"".join([sha256(row.encode("utf-8", "surrogateescape")).digest() for row in rows])
        )

    def same_as(self, other: "Digest", rows: Sequence[str]) -> None:
        """Add the rows to both digests, computing each row's hash once."""
        sha256 = hashlib.sha256
        hashes = b"".join([sha256(row.encode()).digest() for row in rows])
        self.sum.update(hashes)
        other.sum.update(hashes)

    def __str__(self) -> str:
        return self.sum.hexdigest()


@dataclass
class Tally:
    """The counts of one table, in rows. A row with several causes counts under each."""

    expected: int = 0
    found: int = 0
    missing: int = 0
    unexpected: int = 0
    differing: int = 0
    recorded_here: int = 0
    quarantined: int = 0
    host_changed: int = 0
    withheld: set[str] = field(default_factory=set)
    """The streams of the quarantined rows."""
    overruled: list[Overruled] = field(default_factory=list)
    digest_expected: Digest = field(default_factory=Digest)
    digest_found: Digest = field(default_factory=Digest)
    seen: Callable[[ComparedChunk], None] | None = None
    """Called with every batch of the actual rows."""

    def as_json(self) -> dict[str, Any]:
        return {
            "expected": self.expected,
            "found": self.found,
            "missing": self.missing,
            "unexpected": self.unexpected,
            "differing": self.differing,
            "recorded_here": self.recorded_here,
            "quarantined": self.quarantined,
            "host_changed": self.host_changed,
            "amended_over_host": len({said.pk for said in self.overruled}),
            "digest_expected": str(self.digest_expected),
            "digest_found": str(self.digest_found),
        }


class Differences:
    """The first differences, up to a limit, and the number of all."""

    def __init__(self, limit: int | None) -> None:
        self.limit = limit
        self.kept: list[Difference] = []
        self.by_cause: Counter[Cause] = Counter()

    @property
    def total(self) -> int:
        return self.by_cause.total()

    def add(self, difference: Difference) -> None:
        self.by_cause[difference.cause] += 1
        if self.limit is None or len(self.kept) < self.limit:
            self.kept.append(difference)
