"""Buckets of durations: each is as narrow as a percentile within 1% needs.

A duration in whole seconds is in exactly one bucket. Up to `EXACT` seconds each has its own. From
there on, the longest of a bucket is at most 1.9% longer than its shortest, so that what stands for
the bucket differs from any of them by less than 1%.
"""

from bisect import bisect_right
from collections.abc import Mapping

RELATIVE_ERROR = 0.01
EXACT = 100
LONGEST = 2**31 - 1
"""The longest duration that a row can have."""


def _bounds() -> list[int]:
    """The shortest duration of each bucket after the exact ones."""
    bounds = [EXACT + 1]
    while bounds[-1] <= LONGEST:
        bounds.append(bounds[-1] * 1019 // 1000 + 1)
    return bounds


BOUNDS = _bounds()


def bucket_of(seconds: int) -> int:
    """The number of the bucket that this duration is in."""
    return seconds if seconds <= EXACT else EXACT + bisect_right(BOUNDS, seconds)


def shortest_of(bucket: int) -> int:
    """The shortest duration that is in this bucket."""
    return bucket if bucket <= EXACT else BOUNDS[bucket - EXACT - 1]


def stands_for(bucket: int) -> float:
    """A duration that differs from each of this bucket's by at most `RELATIVE_ERROR`."""
    if bucket <= EXACT:
        return float(bucket)
    shortest, longest = shortest_of(bucket), shortest_of(bucket + 1) - 1
    return round(2 * shortest * longest / (shortest + longest), 1)


def percentile(counts: Mapping[int, int], percent: int) -> float | None:
    """The shortest duration that at least this percentage of them do not exceed; None of none.

    `counts` are the numbers of durations by bucket.
    """
    wanted = -(-sum(counts.values()) * percent // 100)
    for bucket in sorted(counts):
        wanted -= counts[bucket]
        if wanted <= 0:
            return stands_for(bucket)
    return None
