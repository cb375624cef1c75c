"""What a restore says while it runs: lines of progress that the wrapper reads, and others."""

from __future__ import annotations

import os
import sys
from typing import TextIO


def tell(line: str, stream: TextIO) -> None:
    """Print a line. A restore goes on if that cannot be read any more, or not be written."""
    try:
        print(line, file=stream, flush=True)
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


class Reporter:
    """Prints on stdout, a line at a time; progress only when it has moved by a percent."""

    def __init__(self) -> None:
        self._from, self._to, self._shown, self._phase = 0.0, 0.0, -1, ""

    def begin(self, phase: str, start: float, end: float) -> None:
        """A phase that lasts from one percentage to another."""
        self._phase, self._from, self._to, self._shown = phase, start, end, -1
        self.progress(0.0)

    def progress(self, share: float) -> None:
        """How much of the phase is done, from 0 to 1."""
        percent = int(self._from + (self._to - self._from) * min(max(share, 0.0), 1.0))
        if percent > self._shown:
            self._shown = percent
            self.say(f"restorelog progress {percent}% {self._phase}")

    def say(self, line: str) -> None:
        tell(line, sys.stdout)

    def warn(self, line: str) -> None:
        """A line that the wrapper counts and records as a warning."""
        tell(f"warning: {line}", sys.stderr)


class Silent(Reporter):
    """Says nothing but warnings."""

    def say(self, line: str) -> None:
        pass
