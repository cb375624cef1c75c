"""The cursor of a follower of the log: `log:position:hash8`.

The eight hex digits are the beginning of the chain's hash at that position. A log that was
restored from an older backup and continued differently has another hash there, or does not have
the position yet; to continue from it would silently skip events.
"""

import re

from api.problems import BadParameter, Problem
from infrastructure.event_store.log import Log

FORM = re.compile(r"log:(0|[1-9][0-9]{0,17}):([0-9a-f]{8})", re.ASCII)


def cursor(position: int, hash: bytes) -> str:
    """The cursor of an event, or of position 0 with the genesis hash."""
    return f"log:{position}:{bytes(hash)[:4].hex()}"


def cursor_position(text: str, log: Log, parameter: str = "after") -> int:
    """A cursor's position; 400 if the text is not a cursor, 409 if it is not of this log."""
    match = FORM.fullmatch(text)
    if match is None:
        raise BadParameter(
            "cursor_invalid", "A log cursor looks like log:1234:0a1b2c3d.", parameter=parameter
        )
    position = int(match[1])
    found = log.hash_at(position)
    if found is None or cursor(position, found) != text:
        head = log.head()
        raise Problem(
            409,
            "cursor_does_not_fit",
            f"The cursor {text} does not fit this log, which ends at {cursor(*head[:2])}: it was "
            "probably restored from an older backup. Compare your data with the log, then "
            "follow it from one of its own cursors.",
            parameter=parameter,
            head=cursor(*head[:2]),
        )
    return position
