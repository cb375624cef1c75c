"""Settings of the log: the head file, and how far its time may be ahead."""

import math
import os

from django.core.exceptions import ImproperlyConfigured


def _seconds(name: str, default: float) -> float:
    text = os.environ.get(name, "").strip()
    try:
        seconds = float(text) if text else default
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds < math.inf:
        raise ImproperlyConfigured(f"{name} is {text!r}, which is not a number of seconds.")
    return seconds


LOG_MAX_AHEAD_SECONDS = _seconds("LOG_MAX_AHEAD_SECONDS", 60)
"""How far an append may move the log's time ahead of the database server's clock."""

HEAD_FILE = os.environ.get("HEAD_FILE", "").strip()
"""The file outside of the database that keeps the log's newest head; empty: none."""

HEAD_FILE_NOT_NEEDED = os.environ.get("ALLOW_NO_HEAD_FILE", "").strip() == "1"
"""Production may run without one, by explicit decision."""
