"""Notes that a server has started, as soon as its database answers."""

import logging
import threading
import time

from django.db import DatabaseError, connections

from domain.errors import RestoreLogError
from infrastructure.databases.own_database import refuses_writes
from infrastructure.databases.redaction import one_line
from infrastructure.event_store.log import Log
from infrastructure.running.heartbeats import note_start

AGAIN = 1.0
"""Seconds between two tries."""

logger = logging.getLogger(__name__)


def note_start_in_background() -> None:
    """Start a thread that notes it, once. For a server."""
    threading.Thread(target=_note, name="service-start", daemon=True).start()


def _note() -> None:
    said = ""
    while True:
        try:
            note_start(Log())
            return
        except (DatabaseError, RestoreLogError) as error:
            if refuses_writes(error):
                return  # A replica receives no heartbeats.
            # The database is away, or not migrated yet.
            told = one_line(error)
            if told != said:
                logger.warning("The service's start cannot be noted yet: %s", told)
            said = told
            time.sleep(AGAIN)
        finally:
            connections.close_all()
