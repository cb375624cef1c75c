"""Keeping the head file up to date, and telling when the log is not the one it remembers."""

import logging
import threading
import time

from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connections

from domain.errors import RestoreLogError
from infrastructure.databases.redaction import one_line
from infrastructure.event_store import head_file
from infrastructure.event_store.errors import HeadFileUnusable, LogLostEvents
from infrastructure.event_store.log import Log

EVERY = 5.0
"""Seconds between two looks; an append is in the file after twice as long at the latest."""
FRESH = 1.0
"""Seconds for which a process answers by what it has seen last."""

logger = logging.getLogger(__name__)
_seen: dict[tuple[str, str, str], tuple[float, str]] = {}


def warning(log: Log) -> str:
    """What is wrong with the log by the head file, for people; empty if nothing is."""
    try:
        head_file.refuse_lost_end(log)
    except (HeadFileUnusable, LogLostEvents) as error:
        return one_line(error)
    return ""


def warning_of_late(log: Log) -> str:
    """The same as of a moment ago, for every request; empty if the database does not answer."""
    if not settings.HEAD_FILE:
        return ""
    database = connections[log.using].settings_dict
    key = (settings.HEAD_FILE, str(database["HOST"]), str(database["NAME"]))
    at, text = _seen.get(key, (-FRESH, ""))
    if time.monotonic() - at >= FRESH:
        try:
            text = warning(log)
        except DatabaseError:
            return ""
        _seen[key] = time.monotonic(), text
    return text


def keep_head_file(log: Log) -> str:
    """Bring the head file up to the log; why it could not be, for people, or nothing."""
    try:
        head_file.keep_head(log)
    except (RestoreLogError, DatabaseError) as error:
        return one_line(error)
    return ""


class HeadFileFollower:
    """Keeps the head file of a process that goes on, and says once what is wrong."""

    def __init__(self) -> None:
        self.due = 0.0
        self.said = ""

    def look(self) -> str:
        """Keep the head if that is due; what is newly wrong, or nothing."""
        if not settings.HEAD_FILE or time.monotonic() < self.due:
            return ""
        self.due = time.monotonic() + EVERY
        problem = keep_head_file(Log())
        new = problem if problem != self.said else ""
        self.said = problem
        return new


def follow_in_background() -> None:
    """For a server: a thread that keeps the head for as long as the process lives."""
    if settings.HEAD_FILE:
        threading.Thread(target=_follow, name="head-file", daemon=True).start()


def _follow() -> None:
    follower = HeadFileFollower()
    while True:
        if problem := follower.look():
            logger.error("%s", problem)
        # The thread's own connection: a server that was restarted is met anew the next time.
        connections.close_all()
        time.sleep(EVERY)
