"""What a process that helps to rebuild runs. Importing this needs no settings: running it does.

A worker may be on another machine: all that it knows is what it is told.
"""

import multiprocessing
import os
import signal
import threading
from collections.abc import Sequence
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Any, NamedTuple

import django
from django.conf import settings

if TYPE_CHECKING:
    from projections.engine.building_tasks import Piece
    from projections.engine.prepare import Prepared


class Service(NamedTuple):
    """What a worker needs of the service: nothing that has to do with the web.

    `database` is Django's settings for the database, `apps` those that have projections.
    """

    database: dict[str, Any]
    apps: tuple[str, ...]


def prepare_part(
    service: Service, scopes: Sequence[tuple[str, str]], span: tuple[int, int]
) -> "Prepared | None":
    """See `projections.engine.prepare`."""
    set_up(service)
    from projections.engine import building_tasks

    return building_tasks.prepare_span(scopes, span)


def finish(service: Service, label: str) -> None:
    """Do what comes after loading to the table that is being built for a projection."""
    set_up(service)
    from projections.engine import building_tasks

    building_tasks.finish_table(label)


def row_hashes(service: Service, piece: "Piece") -> bytes:
    """The hashes of some rows of the table that is being built for a projection."""
    set_up(service)
    from projections.engine import building_tasks

    return building_tasks.hash_rows(piece)


def set_up(service: Service) -> None:
    """Django as a worker needs it, once per process."""
    if settings.configured:
        return
    settings.configure(
        DATABASES={"default": service.database},
        INSTALLED_APPS=("infrastructure.event_store", "projections.engine", *service.apps),
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
    # Ctrl-C is for the parent, who then ends this.
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def watch() -> None:
        wait([sentinel])
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
