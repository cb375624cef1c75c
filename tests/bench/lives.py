"""Restores recorded through the use cases, one at a time."""

from collections.abc import Callable, Iterator

from infrastructure.application import RestoreLog


def requests(count: int) -> Iterator[Callable[[], object]]:
    """As many calls, each of which appends the one event of a restore's request."""
    log = RestoreLog()
    for number in range(count):
        yield lambda number=number: log.request_restore(name=f"restore {number}", actor="bench")
