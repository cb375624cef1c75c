"""How much of the processors' time processes take, on Linux."""

import os
from collections.abc import Iterable
from pathlib import Path

from tests.support.serving import family

TICKS = os.sysconf("SC_CLK_TCK")
OWN, OF_ENDED = slice(11, 13), slice(13, 15)
"""Places in `/proc/PID/stat`, after the name: a process's time, and that of ended children."""
IDLE = (3, 4)
"""Places in the first line of `/proc/stat`: idle, and waiting for a disk."""


def used(pids: Iterable[int]) -> float:
    """Seconds of these processes and all below them, also of those that have ended."""
    return sum(_of(number) for pid in pids for number in family(pid))


def busy() -> float:
    """Seconds in which processors of this machine were busy since it was started."""
    line = Path("/proc/stat").read_text().partition("\n")[0]
    # The last two are times of guests, which are counted among the first.
    ticks = [int(word) for word in line.split()[1:9]]
    return sum(some for place, some in enumerate(ticks) if place not in IDLE) / TICKS


def _of(pid: int) -> float:
    try:
        after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return sum(map(int, [*after_name[OWN], *after_name[OF_ENDED]])) / TICKS
