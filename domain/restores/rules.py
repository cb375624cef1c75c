"""Which command a restore allows in which state. The tests and the reference read this table."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from domain.restores.values import Status


class RestoreState(StrEnum):
    """What decides which commands a restore allows: its status, or who runs it."""

    PENDING = Status.PENDING
    IN_PROGRESS = Status.IN_PROGRESS
    COMPLETED = Status.COMPLETED
    PARTIAL = Status.PARTIAL
    FAILED = Status.FAILED
    CANCELLED = Status.CANCELLED
    INTERRUPTED = "interrupted"
    """Failed, because whoever watched it is gone. An end that is reported replaces this, once."""
    ANOTHER_WORD = "another word"
    """Somebody amended the status to a word that this service does not have."""
    OF_THE_HOST = "imported"
    """The host runs it, whatever its status."""


class RestoreCommand(StrEnum):
    """The commands on a restore that exists."""

    START = "start"
    PROGRESS = "progress"
    HEARTBEAT = "heartbeat"
    COMPLETE = "complete"
    FAIL = "fail"
    NOT_STARTED = "fail, cause not_started"
    INTERRUPT = "fail, cause interrupted"
    CANCEL = "cancel"
    VALIDATE = "validate"
    AMEND = "amend"


_RUNNING = frozenset({RestoreState.IN_PROGRESS, RestoreState.INTERRUPTED})

ALLOWED: Final[Mapping[RestoreCommand, frozenset[RestoreState]]] = {
    RestoreCommand.START: frozenset({RestoreState.PENDING}),
    # What was sent before the end arrives before it, also after an interruption.
    RestoreCommand.PROGRESS: _RUNNING,
    # Not an event: whoever watches the command is alive.
    RestoreCommand.HEARTBEAT: _RUNNING,
    RestoreCommand.COMPLETE: _RUNNING,
    RestoreCommand.FAIL: _RUNNING,
    RestoreCommand.NOT_STARTED: _RUNNING | {RestoreState.PENDING},
    RestoreCommand.INTERRUPT: frozenset({RestoreState.PENDING, RestoreState.IN_PROGRESS}),
    RestoreCommand.CANCEL: _RUNNING | {RestoreState.PENDING},
    RestoreCommand.VALIDATE: frozenset({RestoreState.COMPLETED, RestoreState.PARTIAL}),
    RestoreCommand.AMEND: frozenset(RestoreState),
}

LONGEST_SECONDS: Final = 2**31 - 1
"""The longest duration that the tables can hold: 68 years."""
