"""Names beside a target: where it is restored, and under which it is kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone

RESTORING, BEFORE = "restoring", "before"


def free_names(name: str, longest: int, taken: Callable[[str], bool]) -> tuple[str, str]:
    """Where to restore, and where to keep what was there: with the time in UTC, or a second later.

    So a restore right after another one gets names of its own.
    """
    moment = datetime.now(timezone.utc)
    while True:
        stamp = moment.strftime("%Y%m%dT%H%M%S")
        names = beside(name, RESTORING, stamp, longest), beside(name, BEFORE, stamp, longest)
        if not any(map(taken, names)):
            return names
        moment += timedelta(seconds=1)


def work_prefix(name: str, longest: int) -> str:
    """How all names begin under which this target is being restored."""
    stamp = "20260131T143000"
    return beside(name, RESTORING, stamp, longest)[: -len(stamp)]


def beside(name: str, word: str, stamp: str, longest: int) -> str:
    """`orders_before_20260131T143000`, with the name cut so that it has `longest` bytes at most."""
    tail = f"_{word}_{stamp}"
    return name.encode()[: longest - len(tail)].decode(errors="ignore") + tail
