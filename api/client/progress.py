"""Which progress becomes an event: each tenth, at most once a minute, at most 100 a restore."""

from __future__ import annotations

import threading
import time

SECONDS = 60.0
"""Two events of progress are at least so far apart."""
AT_MOST = 100
"""Events of progress that one restore can have."""


class ProgressSteps:
    """Asked whenever there is news; says whether it is an event. Safe to ask from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tenth = 0
        self._last: float | None = None
        self._count = 0

    def is_event(self, percent: float | None) -> bool:
        """Whether this is to be recorded now; then it counts as recorded."""
        if percent is None:
            return False
        tenth, now = int(percent // 10), time.monotonic()
        with self._lock:
            if tenth == self._tenth or self._count >= AT_MOST:
                return False
            if self._last is not None and now - self._last < SECONDS:
                return False
            self._tenth, self._last = tenth, now
            self._count += 1
            return True
