"""The figures of a group of restores, as an answer tells them."""

from collections import Counter
from typing import Any

from projections.statistics.buckets import percentile
from projections.statistics.contribution import Counts


def figures(counts: Counts, running: Counter[str] | None = None) -> dict[str, Any]:
    """The figures of a group, as an answer tells them."""
    (completed, partial, failed, cancelled, other, passed, refuted, negative, missing, seconds) = (
        counts.numbers
    )
    ended, well = completed + partial + failed, completed + partial
    measured = sum(counts.durations.values())
    runs = running or Counter()
    return {
        "restores": restores_of(counts) + runs.total(),
        "success_rate": _rate(completed, ended),
        "completed": completed,
        "partial": partial,
        "failed": failed,
        "cancelled": cancelled,
        "running": runs["in_progress"],
        "pending": runs["pending"],
        "unknown": other,
        "validation": {
            "passed": passed,
            "failed": refuted,
            "never": well - passed - refuted,
            "rate": _rate(passed, well),
        },
        "durations": {
            "measured": measured,
            "missing": missing,
            "negative": negative,
            "mean": _rate(seconds, measured),
            "p50": percentile(counts.durations, 50),
            "p95": percentile(counts.durations, 95),
            "p99": percentile(counts.durations, 99),
        },
    }


def restores_of(counts: Counts) -> int:
    """How many restores these are; those that run are not among them."""
    return sum(counts.numbers[:5])


def _rate(part: int, whole: int) -> float | None:
    return part / whole if whole else None
