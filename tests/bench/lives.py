"""Restores recorded through the use cases, one at a time."""

from collections.abc import Callable, Iterator

from infrastructure.event_store.log import Log
from infrastructure.recording import restores


def requests(count: int) -> Iterator[Callable[[], object]]:
    """As many calls, each of which appends the one event of a restore's request."""
    log = Log()
    for number in range(count):
        yield lambda number=number: restores.request_restore(
            log, name=f"restore {number}", actor="bench"
        )
