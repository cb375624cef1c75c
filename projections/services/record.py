"""Services that record facts about restores, about backups and about the log itself."""

from collections.abc import Callable
from functools import partial, wraps
from typing import Concatenate, ParamSpec, TypeVar

from domain.administration.events import LogAccepted
from domain.events import Actor
from infrastructure.event_store.log import Log
from infrastructure.recording import administration, backups, restores
from projections.services.appending import Appended, append_and_catch_up
from projections.services.lost_events import lost_heads

P = ParamSpec("P")
T = TypeVar("T")


def _recording(append: Callable[Concatenate[Log, P], T]) -> Callable[P, Appended[T]]:
    """A service that appends to the service's own log and then catches up."""

    @wraps(append)
    def service(*args: P.args, **kwargs: P.kwargs) -> Appended[T]:
        return append_and_catch_up(partial(append, Log(), *args, **kwargs))

    return service


request_restore = _recording(restores.request_restore)
start_restore = _recording(restores.start_restore)
complete_restore = _recording(restores.complete_restore)
fail_restore = _recording(restores.fail_restore)
cancel_restore = _recording(restores.cancel_restore)
amend_restore = _recording(restores.amend_restore)
register_backup = _recording(backups.register_backup)
accept_clock_jump = _recording(administration.accept_clock_jump)


@_recording
def accept_log(log: Log, *, actor: Actor, reason: str | None) -> LogAccepted:
    """Accept the log as it is, although remembered heads are not in it.

    Raises `NothingToAccept` if all of them are.
    """
    return administration.accept_log(log, lost_heads(log), actor=actor, reason=reason)
