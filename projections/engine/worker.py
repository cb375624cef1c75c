"""What a process that helps to load runs. Importing this needs no settings; running it makes them.

A worker may be on another machine: all it is told is in its task.
"""

import multiprocessing
import os
import threading
from multiprocessing.connection import wait
from typing import Any, NamedTuple

import django
from django.conf import settings

APPS = (
    "infrastructure.event_store",
    "projections.engine",
    "projections.database_management",
    "projections.system_backups",
)
"""What a worker needs of the service: nothing that has to do with the web."""


class Task(NamedTuple):
    """One share's events after a position and up to another, for these building generations.

    `database` is Django's settings for the database, `share` a number and how many there are.
    """

    database: dict[str, Any]
    generations: tuple[int, ...]
    share: tuple[int, int]
    after: int
    upto: int


def take_in(task: Task) -> dict[int, int]:
    """Fold these events into the tables; returns how many rows each generation has more."""
    set_up(task.database)
    from projections.engine.shares import take_in_share

    return take_in_share(task.generations, task.share, task.after, task.upto)


def digest(database: dict[str, Any], label: str) -> str:
    """The digest of the table that is being built for a projection."""
    set_up(database)
    from projections.engine.shares import building_digest

    return building_digest(label)


def set_up(database: dict[str, Any]) -> None:
    """Django as a worker needs it, once per process."""
    if settings.configured:
        return
    settings.configure(
        DATABASES={"default": database},
        INSTALLED_APPS=APPS,
        USE_TZ=True,
        TIME_ZONE="UTC",
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    )
    django.setup()


def end_with_parent() -> None:
    """Have this process end at once when the one that started it has ended, however it did."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return
    sentinel = parent.sentinel

    def watch() -> None:
        wait([sentinel])
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
