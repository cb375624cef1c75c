"""Errors of the log."""

from uuid import UUID

from domain.errors import RestoreLogError
from domain.messages import remedy


class StreamConflict(RestoreLogError):
    code = "stream_conflict"

    def __init__(self, stream_id: UUID | None = None, version: int | None = None) -> None:
        which = f"stream {stream_id}, version {version}," if stream_id else "one of the streams"
        super().__init__(
            f"Somebody else recorded an event first: {which} is taken. "
            "Nothing was recorded. Check the new state and repeat if it still applies."
        )


class UnreadableEvent(RestoreLogError):
    code = "unreadable_event"

    def __init__(self, topic: str, detail: str) -> None:
        super().__init__(f"An event {topic!r} in the log cannot be read: {detail}.")


class BrokenChain(RestoreLogError):
    code = "broken_chain"

    def __init__(self, position: int) -> None:
        self.position = position
        super().__init__(
            f"The log's hash chain is broken at position {position}: the log was changed after "
            "it was written, or restored from another backup. Nothing was done. To see more: ",
            remedy("verify_log"),
        )


class ClockAhead(RestoreLogError):
    code = "clock_ahead"

    def __init__(self, seconds: float, limit: float) -> None:
        super().__init__(
            f"This machine's clock is {seconds:,.0f} s ahead of the database server's, and "
            f"LOG_MAX_AHEAD_SECONDS allows {limit:g}. Nothing was recorded. Correct the wrong "
            "clock, then repeat."
        )


class NothingToAccept(RestoreLogError):
    code = "nothing_to_accept"

    def __init__(self, why: str) -> None:
        super().__init__(f"There is nothing to accept: {why}. Nothing was recorded.")


class LogLostEvents(RestoreLogError):
    """The log is not the one that was remembered: it lost its end, or was changed."""

    code = "log_lost_events"

    def __init__(self, how: str, position: int) -> None:
        self.position = position
        super().__init__(
            f"{how}. Nothing is recorded, so that the loss can still be undone: restore the whole "
            "log from the server or the backup that has it. To continue with the log as it is: ",
            remedy("accept_log", reason="TEXT"),
        )


class HeadFileUnusable(RestoreLogError):
    code = "head_file_unusable"

    def __init__(self, why: str) -> None:
        super().__init__(
            f"HEAD_FILE cannot be read: {why}. Nothing is recorded, since the log may have lost "
            "events. Check it (",
            remedy("verify_log", anchor="FILE"),
            "). If it is complete, accept it: ",
            remedy("accept_log", reason="TEXT"),
        )


class HeadFileUnwritable(RestoreLogError):
    code = "head_file_unwritable"

    def __init__(self, why: str) -> None:
        super().__init__(
            f"HEAD_FILE cannot be written: {why}. If the log loses its end now, this is not "
            "noticed. Give the service a folder in which it may write."
        )
