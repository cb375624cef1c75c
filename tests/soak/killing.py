"""Starting a process and killing it at a moment of its work, or at any moment."""

import signal
import subprocess
from collections.abc import Callable, Iterator
from itertools import count, cycle
from random import Random
from typing import NamedTuple

AT_MOST = 4
"""Attempts for each kill that has to hit."""


class Kill(NamedTuple):
    """When: in a phase (its N-th time), or, with no phase, after this many seconds."""

    phase: str
    occurrence: int
    seconds: float

    def __str__(self) -> str:
        return f"{self.phase} {self.occurrence}" if self.phase else f"after {self.seconds:.2f} s"


def kills(seed: int, phases: list[tuple[str, int]], longest: float) -> Iterator[Kill]:
    """Without end: two of three in the phases, by turns, with how often they come; the others at
    any moment. The same seed gives the same ones.
    """
    random, turns = Random(seed), cycle(phases)
    for number in count():
        if number % 3 == 2:
            yield Kill("", 0, random.uniform(0.3, longest))
        else:
            phase, times = next(turns)
            yield Kill(phase, random.randint(1, times), 0)


def until_hit(wanted: int, drawn: Iterator[Kill], attempt: Callable[[Kill], bool]) -> int:
    """Attempt kills until so many have hit a process that was still running.

    A process may be done before its moment comes; the next one is tried then, a few times as
    often as wanted at most. Returns how many attempts it took.
    """
    hit = 0
    for number, when in enumerate(drawn, 1):
        hit += attempt(when)
        if hit == wanted:
            return number
        assert number < AT_MOST * wanted, f"only {hit} of {number} hit a running process"
    raise AssertionError("the kills never end")


def kill(process: "subprocess.Popen[str]") -> bool:
    """Kill it; whether it was still running, rather than done."""
    process.send_signal(signal.SIGKILL)
    _, said = process.communicate()
    assert process.returncode in (0, -signal.SIGKILL), said
    return process.returncode == -signal.SIGKILL
