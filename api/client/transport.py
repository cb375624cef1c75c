"""How events get to the log: what every transport does, and how it may fail."""

from __future__ import annotations

from typing import Any, Protocol


class ClientError(Exception):
    """The client could not do something; the message says what and why, in one line."""


class NotReached(ClientError):
    """The log did not answer, does not let us in, or asks to try again.

    What was to be recorded waits. `wait` is in seconds, if the service said how long; `code` is
    the problem's, if it told one.
    """

    def __init__(self, message: str, *, wait: float | None = None, code: str = "") -> None:
        super().__init__(message)
        self.wait = wait
        self.code = code


class RefusedForGood(ClientError):
    """The log will never accept this; `status` and `code` are the problem's.

    `ahead` is by how many seconds this machine's clock is ahead of the service's, if known.
    """

    def __init__(self, message: str, *, status: int, code: str, ahead: float | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.ahead = ahead


Body = dict[str, Any]
"""A JSON object."""


class Transport(Protocol):
    """Takes commands to the log. Every method raises `NotReached` or `RefusedForGood`."""

    def send(self, stream_id: str, command: str, body: Body, *, key: str) -> Body:
        """Record; the answer is the row. What is sent again with the same `key` counts once."""
        ...

    def heartbeat(self, restore_id: str, body: Body) -> float | None:
        """Tell that the restore is still running, and how far it is.

        The answer is after how many seconds of silence the log takes the wrapper for dead.
        """
        ...

    def backup_source(self, backup: str) -> Body:
        """What is recorded of a backup, by its UUID or its id: where it is, its checksum, …

        `RefusedForGood` if there is none, or if two backups have this id.
        """
        ...

    def probe(self) -> None:
        """Find out whether the log can be reached and lets us in."""
        ...

    def close(self) -> None:
        """Called at its end by each thread that used it."""
        ...
