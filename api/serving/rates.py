"""How many requests a lane may send in a minute: a bucket that fills evenly."""

import time
from collections import OrderedDict

REMEMBERED = 10_000


class Rates:
    """A bucket for each lane, which holds the requests of a minute. 0 means no limit."""

    def __init__(self, per_minute: int) -> None:
        self.per_minute = per_minute
        self.buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        """What is left in a lane's bucket, and when that was."""

    def seconds_to_wait(self, lane: str, now: float | None = None) -> float:
        """0 if the lane may send a request now, which is then counted."""
        if not self.per_minute:
            return 0.0
        now = time.monotonic() if now is None else now
        left, at = self.buckets.get(lane, (float(self.per_minute), now))
        left = min(left + (now - at) * self.per_minute / 60, float(self.per_minute))
        wait = 0.0 if left >= 1 else (1 - left) * 60 / self.per_minute
        self.buckets[lane] = (left if wait else left - 1, now)
        self.buckets.move_to_end(lane)
        if len(self.buckets) > REMEMBERED:
            self.buckets.popitem(last=False)
        return wait
