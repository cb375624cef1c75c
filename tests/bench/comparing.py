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
    """Rates per second, pair by pair. `storage` is where the databases lay: disk or memory.

    `limit` says what on this machine keeps the target from being reached, whoever works how fast.
    """

    what: str
    vendor: str
    storage: str
    unit: str
    target: float | None
    ours: list[float]
    theirs: list[float]
    ours_size: int
    theirs_size: int
    limit: str = ""

    @property
    def ratios(self) -> list[float]:
        return [ours / theirs for ours, theirs in zip(self.ours, self.theirs, strict=True)]

    @property
    def met(self) -> bool | None:
        """Whether the median ratio is what was promised; None if nothing was, or can be here."""
        if self.target is None or self.limit:
            return None
        return median(self.ratios) >= self.target


class Alone(msgspec.Struct, kw_only=True):
    """Something of ours with nothing beside it: each is a rate, or a time in seconds."""

    what: str
    vendor: str
    unit: str
    each: list[float]
    size: int
    peak_memory: int


class Reading(msgspec.Struct, kw_only=True):
    """One side's answers to the same requests, by so many clients at once.

    Each list has a number for each pair. `took` is in milliseconds; `worked` is the processor's
    time of a request, of the server and its database, in milliseconds.
    """

    what: str
    vendor: str
    clients: int
    side: str
    requests: int
    rates: list[float]
    p50: list[float]
    p99: list[float]
    worked: list[float]
    ratios: list[float] = []
    target: float | None = None

    @property
    def met(self) -> bool | None:
        """Whether the median ratio is what was promised; None if nothing was."""
        return None if self.target is None else median(self.ratios) >= self.target


class Bound(msgspec.Struct, kw_only=True):
    """What must stay below something: each of several cases, as its median."""

    what: str
    vendor: str
    unit: str
    cases: dict[str, float]
    most: float | None = None

    @property
    def worst(self) -> str:
        """The name of the case with the highest figure."""
        return max(self.cases, key=self.cases.__getitem__)

    @property
    def met(self) -> bool | None:
        """Whether every case is below; None if nothing was promised."""
        return None if self.most is None else self.cases[self.worst] <= self.most


Found = Comparison | Alone | Reading | Bound
"""What a part of a run may find."""


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
