"""The tasks of a rebuild's helper processes. To import this needs no settings; to run it does.

A helper may be a worker of a cluster, on another machine. All that it needs is in the arguments of
its tasks, but for the database: that is named by its own `DATABASE_URL`, so no password is sent.
"""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Sequence
from functools import wraps
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Any, Concatenate, NamedTuple, ParamSpec, TypeVar

import django
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connections

if TYPE_CHECKING:
    from projections.engine.building_tasks import Piece, Unfinished
    from projections.engine.prepare import Prepared

P = ParamSpec("P")
T = TypeVar("T")

Facts = tuple[tuple[str, str], ...]
"""Names and values that describe what a process works with: see `cluster.facts`."""

_one_at_a_time = threading.Lock()
_had: set[Facts] = set()
"""The facts that this process was found to have. They do not change while it runs."""


class Service(NamedTuple):
    """The settings that a helper needs; those of the web server are left out.

    `database` is Django's settings for the database; None if the helper has a database of its own.
    `apps` are the apps with projections. A helper with a database of its own must have the `facts`,
    which tell the hash of the log at `position`.
    """

    database: dict[str, Any] | None
    apps: tuple[str, ...]
    position: int = 0
    facts: Facts = ()


def _task(
    work: Callable[Concatenate[Service, P], T],
) -> Callable[Concatenate[Service, P], T]:
    """A task: sets Django up first."""

    @wraps(work)
    def at_work(service: Service, /, *args: P.args, **kwargs: P.kwargs) -> T:
        set_up(service)
        try:
            return work(service, *args, **kwargs)
        finally:
            if service.database is None:
                # The next task may come tomorrow.
                connections.close_all()

    return at_work


@_task
def prepare_part(
    service: Service, scopes: Sequence[tuple[str, str]], span: tuple[int, int]
) -> "Prepared | None":
    """See `projections.engine.prepare`."""
    from projections.engine import building_tasks

    return building_tasks.prepare_span(scopes, span)


@_task
def finish(service: Service, table: "Unfinished") -> None:
    """Finish a projection's building table after loading."""
    from projections.engine import building_tasks

    building_tasks.finish_table(table)


@_task
def row_hashes(service: Service, piece: "Piece") -> bytes:
    """The hashes of some rows of a projection's building table."""
    from projections.engine import building_tasks

    return building_tasks.hash_rows(piece)


def describe_worker(service: Service) -> Facts | str:
    """The facts of this process, or in a sentence why it has none."""
    from infrastructure.databases.redaction import one_line

    try:
        with _one_at_a_time:
            _configure(service)
        from projections.engine.cluster.facts import facts_of_this_process

        try:
            return facts_of_this_process(service.position)
        finally:
            connections.close_all()
    # Whatever it is, the command that asks has to tell it.
    except Exception as error:  # noqa: BLE001
        return one_line(error)


def set_up(service: Service) -> None:
    """Set Django up for a helper, once per process.

    Raises `WorkerUnfit` if this process does not have the facts that it must have.
    """
    with _one_at_a_time:
        _configure(service)
        if service.facts and service.facts not in _had:
            from projections.engine.cluster.facts import refuse_other_facts

            refuse_other_facts(service)
            _had.add(service.facts)


def _configure(service: Service) -> None:
    if settings.configured:
        return
    settings.configure(
        DATABASES={"default": service.database or _own_database()},
        INSTALLED_APPS=("infrastructure.event_store", "projections.engine", *service.apps),
        USE_TZ=True,
        TIME_ZONE="UTC",
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    )
    django.setup()


def _own_database() -> dict[str, Any]:
    """Django's settings for the database that this process's own environment names."""
    from infrastructure.databases.own_settings import database_settings

    url = os.environ.get("DATABASE_URL", "")
    if not url:
        raise ImproperlyConfigured("its DATABASE_URL is not set")
    return database_settings(url)


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
