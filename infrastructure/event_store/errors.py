"""What the log refuses, and what it finds wrong with itself."""

from uuid import UUID

from domain.errors import RestoreLogError


class StreamConflict(RestoreLogError):
    code = "stream_conflict"

    def __init__(self, stream_id: UUID | None = None, version: int | None = None) -> None:
        which = f"stream {stream_id}, version {version}," if stream_id else "one of the streams"
        super().__init__(
            f"Somebody else recorded something first: {which} is taken. "
            "Nothing was recorded; look again and repeat if it still applies."
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
            f"The log does not fit its hash chain at position {position}: it was changed after "
            "it was written, or restored from another backup. Nothing was done. "
            "Run: manage.py verify_log"
        )
