"""The tasks of a rebuild's helper processes. To import this needs no settings; to run it does.

A worker may be on another machine, so all that it needs is passed to it.
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
    """The settings that a worker needs; those of the web server are left out.

    `database` is Django's settings for the database; `apps` are the apps with projections.
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
    """Finish a projection's building table after loading."""
    set_up(service)
    from projections.engine import building_tasks

    building_tasks.finish_table(label)


def row_hashes(service: Service, piece: "Piece") -> bytes:
    """The hashes of some rows of a projection's building table."""
    set_up(service)
    from projections.engine import building_tasks

    return building_tasks.hash_rows(piece)


def set_up(service: Service) -> None:
    """Set Django up for a worker, once per process."""
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
    """Make this process end as soon as its parent has ended, even if that was killed."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return
    sentinel = parent.sentinel
    # Ctrl-C is meant for the parent, which then ends this process.
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def watch() -> None:
        wait([sentinel])
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
