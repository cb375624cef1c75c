"""Starting a process and killing it at a moment of its work, or at any moment."""

import signal
import subprocess
from random import Random
from typing import NamedTuple


class Kill(NamedTuple):
    """When: in a phase (its N-th time), or, with no phase, after this many seconds."""

    phase: str
    occurrence: int
    seconds: float

    def __str__(self) -> str:
        return f"{self.phase} {self.occurrence}" if self.phase else f"after {self.seconds:.2f} s"


def kills(count: int, seed: int, phases: list[tuple[str, int]], longest: float) -> list[Kill]:
    """Two of three in the phases, by turns, with how often they come; the others at any moment."""
    random = Random(seed)
    drawn = []
    for number in range(count):
        phase, times = phases[number % len(phases)]
        if number % 3 == 2:
            drawn.append(Kill("", 0, random.uniform(0.3, longest)))
        else:
            drawn.append(Kill(phase, random.randint(1, times), 0))
    return drawn


def kill(process: "subprocess.Popen[str]") -> bool:
    """Kill it; whether it was still running, rather than done."""
    process.send_signal(signal.SIGKILL)
    _, said = process.communicate()
    assert process.returncode in (0, -signal.SIGKILL), said
    return process.returncode == -signal.SIGKILL
