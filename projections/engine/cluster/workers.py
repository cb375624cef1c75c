"""The workers of a Dask cluster, as an executor: they do what helper processes do on one machine.

They are asked first whether they work with the same code on the same database, also those that
join later; no other worker is given anything. A task whose worker dies is given to another one. If
there is none left, the task fails, and whoever gave it does it.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Executor, Future
from contextlib import suppress
from functools import partial
from typing import Any, NamedTuple, ParamSpec, TypeVar

from distributed import Client
from distributed import Future as Task

from infrastructure.databases.redaction import one_line
from projections.engine import worker_tasks
from projections.engine.cluster.address import refuse_open
from projections.engine.cluster.errors import NoWorkers, OpenScheduler, WorkersGone, WorkersUnfit
from projections.engine.cluster.facts import why_other_facts
from projections.engine.worker_tasks import Facts, Service

P = ParamSpec("P")
T = TypeVar("T")

EVERY = 1.0
"""Seconds between two looks at who is there."""
ANSWERS_WITHIN = 60.0
"""Seconds for a worker to answer; one that does not is asked again later."""
COMES_WITHIN = 10.0
"""Seconds to wait for a first worker: it may have been started with this command."""
LOGGER = logging.getLogger(__name__)


class Given(NamedTuple):
    """A task that was given to a cluster, and the addresses of the workers that may do it."""

    task: Task
    to: frozenset[str]


class ClusterWorkers(Executor):
    """The workers that fit. `service` is what tasks are given as their first argument."""

    def __init__(self, client: Client, service: Service) -> None:
        self.service = service
        self._client = client
        self._known: dict[str, str] = {}
        """Why each worker that was asked does not fit, by its address; empty if it does."""
        self._threads: dict[str, int] = {}
        """How many threads each worker has that fits and is there."""
        self._given: dict[Future[Any], Given] = {}
        self._told: set[str] = set()
        self._ended = threading.Event()
        self._watch = threading.Thread(target=self._look_again_and_again, daemon=True)

    @property
    def threads(self) -> int:
        """How many tasks they can do at once."""
        return sum(self._threads.values())

    @property
    def _is_connected(self) -> bool:
        return bool(self._client.status == "running")

    def begin(self, url: str) -> None:
        """Ask the workers, and watch them from now on.

        Raises `OpenScheduler`, `WorkersUnfit` or `NoWorkers`.
        """
        refuse_open(str(self._client.scheduler_info()["address"]))
        until = time.monotonic() + COMES_WITHIN
        while not (present := self._present()) and time.monotonic() < until:
            time.sleep(EVERY / 4)
        for address in present:
            refuse_open(address)
        self._look()
        if unfit := {address: why for address, why in self._known.items() if why}:
            raise WorkersUnfit(unfit)
        if not self._threads:
            raise NoWorkers(url)
        self._watch.start()

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Have a worker do this; raises `RuntimeError` if none is there."""
        to = frozenset(self._threads)
        if not to or self._ended.is_set() or not self._is_connected:
            raise RuntimeError("no worker is there")
        task = self._client.submit(fn, *args, **kwargs, pure=False, workers=sorted(to))
        future: Future[T] = Future()
        future.set_running_or_notify_cancel()
        self._given[future] = Given(task, to)
        task.add_done_callback(partial(self._done, future))
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the watch. Tasks that have not been done are given up; their results are not used."""
        self._ended.set()
        for future in list(self._given):
            if self._given.pop(future, None) is not None:
                future.set_exception(WorkersGone())

    def _done(self, future: Future[Any], task: Task) -> None:
        """Fetch a task's result."""
        try:
            result = task.result()
        # Also Dask's own of a task that was cancelled, which is not an `Exception`.
        except BaseException as error:  # noqa: BLE001
            if self._given.pop(future, None) is not None:
                kind = type(error).__name__
                self._tell(kind, f"A task failed on a worker and is done here: {one_line(error)}")
                future.set_exception(error)
            return
        if self._given.pop(future, None) is not None:
            future.set_result(result)

    def _give_up(self, future: Future[Any]) -> None:
        given = self._given.pop(future, None)
        if given is not None:
            self._tell("gone", "No worker is left to do a task, so it is done here.")
            future.set_exception(WorkersGone())
            with suppress(Exception):  # the scheduler may be gone, too
                given.task.cancel()

    def _look_again_and_again(self) -> None:
        while not self._ended.wait(EVERY):
            self._look()

    def _present(self) -> Mapping[str, int]:
        """The workers that are there, with their threads; none if the scheduler is not."""
        if not self._is_connected:
            return {}  # Dask would wait for the scheduler to come back.
        try:
            return dict(self._client.nthreads())
        # Whatever it is: tasks that nobody does must not be waited for.
        except Exception:  # noqa: BLE001
            return {}

    def _look(self) -> None:
        """Ask workers that are new, and give up tasks whose workers have gone."""
        present = self._present()
        self._ask([address for address in present if address not in self._known])
        self._threads = {
            address: threads
            for address, threads in present.items()
            if self._known.get(address) == ""
        }
        for future, given in list(self._given.items()):
            if given.to.isdisjoint(present):
                self._give_up(future)

    def _ask(self, addresses: Iterable[str]) -> None:
        asked = {
            address: self._client.submit(
                worker_tasks.describe_worker, self.service, workers=[address], pure=False
            )
            for address in addresses
        }
        until = time.monotonic() + ANSWERS_WITHIN
        for address, task in asked.items():
            with suppress(TimeoutError):
                left = max(0.1, until - time.monotonic())
                self._known[address] = why = self._reason(address, task, left)
                if why and self._watch.is_alive():
                    self._tell(address, f"The worker {address} is not used: {why}.")

    def _reason(self, address: str, task: Task, seconds: float) -> str:
        """Why this worker cannot be used; empty if it can."""
        try:
            refuse_open(address)
            found: Facts | str = task.result(timeout=seconds)
        except OpenScheduler as error:
            return str(error)
        except TimeoutError:
            raise
        except (ImportError, AttributeError) as error:
            return f"it does not have this version of the service's code ({one_line(error)})"
        except Exception as error:  # noqa: BLE001
            return f"it cannot do a task ({one_line(error)})"
        return found if isinstance(found, str) else why_other_facts(self.service.facts, found)

    def _tell(self, about: str, what: str) -> None:
        """Warn, once about each thing."""
        if about not in self._told and not self._ended.is_set():
            self._told.add(about)
            LOGGER.warning(what)
