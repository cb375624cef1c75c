"""The connection to a Dask scheduler, for one rebuild."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.db import connections

from infrastructure.databases.redaction import one_line
from infrastructure.event_store.log import Log
from projections.engine.cluster.address import SchedulerAddress, refuse_misspelt, refuse_open
from projections.engine.cluster.errors import (
    CertificatesMissing,
    DaskMissing,
    DatabaseNotShared,
    SchedulerUnreachable,
)
from projections.engine.cluster.facts import facts_of_this_process
from projections.engine.dialects import table_dialect
from projections.engine.registry import apps_with_projections
from projections.engine.worker_tasks import Service

if TYPE_CHECKING:
    from distributed import Client
    from distributed.security import Security

    from projections.engine.cluster.workers import ClusterWorkers

ANSWERS_WITHIN = 30.0
"""Seconds for the scheduler to answer."""
CLOSES_WITHIN = 5.0


@contextmanager
def cluster_workers(scheduler: SchedulerAddress, using: str) -> Iterator["ClusterWorkers"]:
    """The workers of this scheduler, for the block; each is found to fit this process.

    Raises a `ClusterError`, or an `OSError` for a file that cannot be read; nothing has been
    written then.
    """
    refuse_misspelt(scheduler.url)
    refuse_open(scheduler.url)
    if not table_dialect(connections[using]).database_identity():
        raise DatabaseNotShared
    client = _connected(scheduler)
    try:
        from projections.engine.cluster.workers import ClusterWorkers

        position = Log(using).head().position
        facts = facts_of_this_process(position, using)
        workers = ClusterWorkers(client, Service(None, apps_with_projections(), position, facts))
        try:
            workers.begin(scheduler.url)
            yield workers
        finally:
            workers.shutdown()
    finally:
        client.close(CLOSES_WITHIN)


def _connected(scheduler: SchedulerAddress) -> "Client":
    try:
        from distributed import Client
    except ModuleNotFoundError as error:
        raise DaskMissing from error
    security = _security(scheduler)
    try:
        return Client(
            scheduler.url,
            security=security,
            timeout=ANSWERS_WITHIN,
            set_as_default=False,
            name="restore-log",
        )
    except OSError as error:
        raise SchedulerUnreachable(scheduler.url, one_line(error).rstrip(".")) from error


def _security(scheduler: SchedulerAddress) -> "Security":
    """What is given, and for the rest Dask's own configuration."""
    from distributed.security import Security

    files = {
        "tls_ca_file": scheduler.ca_file,
        "tls_client_cert": scheduler.cert,
        "tls_client_key": scheduler.key,
    }
    given = {name: file for name, file in files.items() if file is not None}
    for file in given.values():
        file.open("rb").close()  # Dask's own error would not name it.
    security = Security(
        require_encryption=scheduler.is_encrypted,
        **{name: str(file) for name, file in given.items()},
    )
    if scheduler.is_encrypted and not (security.tls_ca_file and security.tls_client_cert):
        raise CertificatesMissing
    return security
