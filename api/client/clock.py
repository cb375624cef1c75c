"""Times of one restore, which never run backwards, whatever is done to the system's clock."""

from __future__ import annotations

import re
import time
from datetime import datetime, timedelta, timezone

UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


class BadTime(ValueError):
    """A text that is not a time."""


class SteadyClock:
    """The system's time when it was made, and the time that has passed since then."""

    def __init__(self) -> None:
        self._began = datetime.now(timezone.utc)
        self._monotonic = time.monotonic()

    def now(self) -> datetime:
        return self._began + timedelta(seconds=time.monotonic() - self._monotonic)

    def stamp(self) -> str:
        """Now, as it is recorded."""
        return written(self.now())


def written(moment: datetime) -> str:
    """ISO 8601 in UTC, with microseconds."""
    return moment.astimezone(timezone.utc).isoformat(timespec="microseconds")


def time_of(text: str) -> datetime:
    """A time as a person writes it. Without a zone it is this machine's local time.

    ISO 8601, `today`, `yesterday`, or how long ago: `90m`, `12h`, `3d`, `2w`.
    """
    text = text.strip()
    ago = re.fullmatch(r"(\d{1,6})([mhdw])", text)
    now = datetime.now().astimezone()
    if ago:
        return now - timedelta(**{UNITS[ago[2]]: int(ago[1])})
    if text in ("today", "yesterday"):
        day = now.date() - timedelta(days=int(text == "yesterday"))
        return datetime(day.year, day.month, day.day).astimezone()
    try:
        found = datetime.fromisoformat(re.sub(r"[zZ]$", "+00:00", text))
    except ValueError as error:
        raise BadTime(
            f"{text!r} is not a time: write 2026-01-31T14:30:00+01:00, 2026-01-31, today, "
            "yesterday, or how long ago, such as 90m, 12h, 3d, 2w"
        ) from error
    return found if found.tzinfo else found.astimezone()
