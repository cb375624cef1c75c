"""The parser of a moment of the log: a position, a time, or `now`."""

import re
from datetime import UTC, datetime

from infrastructure.event_store.log import Log, as_microseconds

WHOLE = re.compile(r"-?[0-9]{1,19}", re.ASCII)
"""A whole number of about 64 bits, in decimal."""
NOW = "now"


class NotAMoment(ValueError):
    """The text is not a time in ISO 8601, nor, where that is allowed, a position."""


class BeyondLog(ValueError):
    """A position that the log does not have; `head` is its last."""

    def __init__(self, head: int) -> None:
        self.head = head
        super().__init__(head)


def read_moment(text: str) -> datetime:
    """The time of ISO 8601 text, in UTC. Without an offset, or as a date alone, it is read as UTC.

    Raises `NotAMoment`.
    """
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise NotAMoment(text) from error


def is_time(text: str) -> bool:
    """Whether it is written as a time, not as a position or `now`."""
    return text != NOW and not WHOLE.fullmatch(text)


def position_of(text: str, log: Log) -> int:
    """The position of this moment; for a time, of the last event recorded at or before it.

    `now` is the end of the log; a time before its first event is 0.
    Raises `NotAMoment`, `BeyondLog`.
    """
    if text == NOW:
        return log.head().position
    if not is_time(text):
        head = log.head().position
        if 0 <= int(text) <= head:
            return int(text)
        raise BeyondLog(head)
    return log.position_at(as_microseconds(read_moment(text)))
