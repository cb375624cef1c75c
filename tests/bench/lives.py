"""Restores recorded through the use cases, one at a time."""

import time
from collections.abc import Callable, Iterator

from infrastructure.event_store.log import Log
from infrastructure.recording import restores
from projections.services import record


def requests(count: int) -> Iterator[Callable[[], object]]:
    """As many calls, each of which appends the one event of a restore's request."""
    log = Log()
    for number in range(count):
        yield lambda number=number: restores.request_restore(
            log, name=f"restore {number}", actor="bench"
        )


def lives(count: int) -> tuple[float, float]:
    """Live through so many lives of three events, each in all four tables before the next.

    Returns the seconds that passed, and those of the processor. The first life is not timed.
    """

    def live(number: int) -> None:
        name = f"restore {number}"
        requested = record.request_restore(name=name, actor="bench", target_database="shop")
        record.start_restore(requested.what.id, actor="bench")
        completed = record.complete_restore(requested.what.id, actor="bench", message="done")
        assert not completed.behind, "a table does not show all of it"

    live(0)
    begin, worked = time.perf_counter(), time.process_time()
    for number in range(1, count):
        live(number)
    return time.perf_counter() - begin, time.process_time() - worked
