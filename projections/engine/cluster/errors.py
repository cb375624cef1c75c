"""Errors of rebuilds on a cluster. Each of them is raised before anything is written."""

from collections.abc import Mapping

from projections.errors import ProjectionError

GUIDE = "See docs/how-to/scale-out.md."


class ClusterError(ProjectionError):
    """The cluster cannot be used as it is."""

    code = "cluster"


class DaskMissing(ClusterError):
    code = "dask_missing"

    def __init__(self) -> None:
        super().__init__(
            "A scheduler needs Dask, which is not installed here. Install it: "
            "python -m pip install --require-hashes --requirement requirements-dask.lock"
        )


class OpenScheduler(ClusterError):
    """Whoever reaches a scheduler or a worker without TLS can run any code there."""

    code = "scheduler_open"

    def __init__(self, address: str) -> None:
        super().__init__(
            f"{address} is refused: without TLS, whoever can reach a scheduler or a worker can "
            "run any code there. Use tls://, or on this machine tcp://127.0.0.1 with "
            f"--host 127.0.0.1 for the scheduler and for each worker. {GUIDE}"
        )


class SchedulerMisspelt(ClusterError):
    code = "scheduler_misspelt"

    def __init__(self, url: str) -> None:
        super().__init__(
            f"The scheduler {url!r} cannot be read: it should look like tls://host:8786, or on "
            "this machine tcp://127.0.0.1:8786."
        )


class CertificatesMissing(ClusterError):
    code = "certificates_missing"

    def __init__(self) -> None:
        super().__init__(
            "tls:// needs three files: the authority's certificate, one of this command, and its "
            f"key. Name them as options, or in Dask's own configuration. {GUIDE}"
        )


class SchedulerUnreachable(ClusterError):
    code = "scheduler_unreachable"

    def __init__(self, url: str, why: str) -> None:
        super().__init__(f"The scheduler {url} cannot be reached: {why}. Nothing was changed.")


class NoWorkers(ClusterError):
    code = "no_workers"

    def __init__(self, url: str) -> None:
        super().__init__(
            f"The scheduler {url} has no worker that answers. Nothing was changed. Start one, and "
            f"run this again. {GUIDE}"
        )


class WorkersUnfit(ClusterError):
    """Workers whose rows might be others; `reasons` are why, by the worker's address."""

    code = "workers_unfit"

    def __init__(self, reasons: Mapping[str, str]) -> None:
        told = "; ".join(f"{address}: {why}" for address, why in reasons.items())
        super().__init__(
            f"Workers of the cluster cannot be used: {told}. Nothing was changed. A worker needs "
            "the same checkout, the same installed versions and a DATABASE_URL that leads to the "
            f"same database as here. Start it again like that, then run this again. {GUIDE}"
        )


class WorkerUnfit(ClusterError):
    """A worker refuses a task: it would not make the rows that this command needs."""

    code = "worker_unfit"

    def __init__(self, why: str) -> None:
        super().__init__(f"This worker refuses the task: {why}.")


class DatabaseNotShared(ClusterError):
    code = "database_not_shared"

    def __init__(self) -> None:
        super().__init__(
            "The service's database is in the memory of this process, so no worker can read it. "
            "Nothing was changed. Run this without a scheduler."
        )


class WorkersGone(ClusterError):
    """The workers that were to do a task have gone. Whoever gave it does it."""

    code = "workers_gone"

    def __init__(self) -> None:
        super().__init__("The workers that were to do this task have gone.")
