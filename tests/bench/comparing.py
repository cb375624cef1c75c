"""Two sides taking turns over the same work, and what came of it."""

from collections.abc import Callable
from statistics import median
from typing import Any

import msgspec

Side = Callable[[], dict[str, Any]]
"""Does the work once; returns `seconds`, and `events` or `rows`."""


class DifferentRows(AssertionError):
    """Both sides did not make the same rows, so there is no ratio to speak of."""


class Comparison(msgspec.Struct, kw_only=True):
    """Rates per second, pair by pair. `storage` is where the databases lay: disk or memory."""

    what: str
    vendor: str
    storage: str
    unit: str
    target: float | None
    ours: list[float]
    theirs: list[float]
    ours_size: int
    theirs_size: int

    @property
    def ratios(self) -> list[float]:
        return [ours / theirs for ours, theirs in zip(self.ours, self.theirs, strict=True)]

    @property
    def met(self) -> bool | None:
        """Whether the median ratio is what was promised; None if nothing was."""
        return None if self.target is None else median(self.ratios) >= self.target


class Alone(msgspec.Struct, kw_only=True):
    """Something of ours with nothing beside it: each is a rate, or a time in seconds."""

    what: str
    vendor: str
    unit: str
    each: list[float]
    size: int
    peak_memory: int


def take_turns(pairs: int, ours: Side, theirs: Side) -> tuple[list[Any], list[Any]]:
    """Run both sides `pairs` times; who begins changes from pair to pair."""
    done: tuple[list[Any], list[Any]] = ([], [])
    for pair in range(pairs):
        for side in (0, 1) if pair % 2 else (1, 0):
            done[side].append((ours, theirs)[side]())
    return done


def rate(result: dict[str, Any]) -> float:
    """How many a second."""
    return float(size(result) / result["seconds"])


def size(result: dict[str, Any]) -> int:
    return int(result.get("events") or result["rows"])
