"""Updates of the head file, and warnings when the log does not contain the kept head."""

import logging
import threading
import time

from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connections

from domain.errors import RestoreLogError
from domain.messages import NOTHING, Message
from infrastructure.databases.redaction import one_line
from infrastructure.event_store import head_file
from infrastructure.event_store.errors import HeadFileUnusable, LogLostEvents
from infrastructure.event_store.log import Log

EVERY = 5.0
"""Seconds between two updates; an append is in the file after at most twice as long."""
FRESH = 1.0
"""Seconds for which a process keeps using its last result."""

logger = logging.getLogger(__name__)
_seen: dict[tuple[str, str, str], tuple[float, Message]] = {}


def warning(log: Log) -> Message:
    """What is wrong with the log according to the head file; empty if nothing is."""
    try:
        head_file.refuse_lost_end(log)
    except (HeadFileUnusable, LogLostEvents) as error:
        return error.message
    return NOTHING


def warning_of_late(log: Log) -> Message:
    """The same, cached, for every request; empty if the database does not answer."""
    if not settings.HEAD_FILE:
        return NOTHING
    database = connections[log.using].settings_dict
    key = (settings.HEAD_FILE, str(database["HOST"]), str(database["NAME"]))
    at, message = _seen.get(key, (-FRESH, NOTHING))
    if time.monotonic() - at >= FRESH:
        try:
            message = warning(log)
        except DatabaseError:
            return NOTHING
        _seen[key] = time.monotonic(), message
    return message


def keep_head_file(log: Log) -> Message:
    """Update the head file. Returns why this failed; empty if it did not."""
    try:
        head_file.keep_head(log)
    except RestoreLogError as error:
        return error.message
    except DatabaseError as error:
        return Message(one_line(error))
    return NOTHING


class HeadFileFollower:
    """Updates the head file in a long-running process, and reports each problem once."""

    def __init__(self) -> None:
        self.due = 0.0
        self.said = NOTHING

    def look(self) -> Message:
        """Update the head file if that is due. Returns a new problem; empty if there is none."""
        if not settings.HEAD_FILE or time.monotonic() < self.due:
            return NOTHING
        self.due = time.monotonic() + EVERY
        problem = keep_head_file(Log())
        new = problem if problem != self.said else NOTHING
        self.said = problem
        return new


def follow_in_background() -> None:
    """Start a thread that updates the head file while the process lives. For a server."""
    if settings.HEAD_FILE:
        threading.Thread(target=_follow, name="head-file", daemon=True).start()


def _follow() -> None:
    follower = HeadFileFollower()
    while True:
        if problem := follower.look():
            logger.error("%s", problem)
        # The thread's own connection: the next update reconnects, also to a restarted server.
        connections.close_all()
        time.sleep(EVERY)
