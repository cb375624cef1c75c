"""Services that record facts about restores, about backups and about the log itself.

A service appends and brings the tables up to it, in one transaction if it can. If another process
appends to the same restore or backup at that moment, the command is decided again on what the log
has then.
"""

from collections.abc import Callable
from functools import partial, wraps
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from domain.administration.events import LogAccepted
from domain.events import Actor
from infrastructure.event_store.log import Log
from infrastructure.recording import administration, backups, restores
from projections.services.appending import Appended, append_and_catch_up, append_with_tables
from projections.services.lost_events import lost_heads

P = ParamSpec("P")
T = TypeVar("T")


class RecordingService(Protocol[T]):
    """What a function of `infrastructure.recording` does, on the service's own log; catches up.

    `keep` is called with the result at the end of the transaction that appends: what it writes is
    committed with the event, or not at all. It is called again if the transaction is repeated.
    """

    def __call__(
        self, *args: Any, keep: Callable[[T], None] | None = None, **given: Any
    ) -> Appended[T]: ...


def recording_service(append: Callable[..., T]) -> RecordingService[T]:
    """The service that records what a function decides, which gets the log first."""

    @wraps(append)
    def service(*args: Any, keep: Callable[[T], None] | None = None, **given: Any) -> Appended[T]:
        return append_with_tables(lambda log: append(log, *args, **given), keep)

    return service


def _accepting(append: Callable[Concatenate[Log, P], T]) -> Callable[P, Appended[T]]:
    """A service that is not part of a larger transaction: it writes the head file as well."""

    @wraps(append)
    def service(*args: P.args, **kwargs: P.kwargs) -> Appended[T]:
        return append_and_catch_up(partial(append, Log(), *args, **kwargs))

    return service


request_restore = recording_service(restores.request_restore)
record_finished_restore = recording_service(restores.record_finished_restore)
start_restore = recording_service(restores.start_restore)
progress_restore = recording_service(restores.progress_restore)
complete_restore = recording_service(restores.complete_restore)
fail_restore = recording_service(restores.fail_restore)
cancel_restore = recording_service(restores.cancel_restore)
validate_restore = recording_service(restores.validate_restore)
amend_restore = recording_service(restores.amend_restore)
register_backup = recording_service(backups.register_backup)
expire_backup = recording_service(backups.expire_backup)
verify_backup = recording_service(backups.verify_backup)
accept_clock_jump = _accepting(administration.accept_clock_jump)


@_accepting
def accept_log(log: Log, *, actor: Actor, reason: str | None) -> LogAccepted:
    """Accept the log as it is, although remembered heads are not in it.

    Raises `NothingToAccept` if all of them are.
    """
    return administration.accept_log(log, lost_heads(log), actor=actor, reason=reason)
