"""Waiting for what another process does."""

import time
from collections.abc import Callable

PATIENCE = 60
"""Seconds until it is a failure."""


def wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, f"it did not happen within {PATIENCE} seconds"
        time.sleep(0.05)
