"""How the log is looked after: the head file, and how far its time may be ahead."""

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
"""An append may take the log's time so far past the database server's clock, and no further."""

HEAD_FILE = os.environ.get("HEAD_FILE", "").strip()
"""Where the log's newest head is kept outside of the database; empty: nowhere."""

HEAD_FILE_NOT_NEEDED = os.environ.get("ALLOW_NO_HEAD_FILE", "").strip() == "1"
"""Somebody decided to run production without one."""
