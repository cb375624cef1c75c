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
    ANOTHER_WORD = "another word"
    """Somebody amended the status to a word that this service does not have."""
    OF_THE_HOST = "imported"
    """The host runs it, whatever its status."""


class RestoreCommand(StrEnum):
    """The commands on a restore that exists."""

    START = "start"
    COMPLETE = "complete"
    FAIL = "fail"
    CANCEL = "cancel"
    AMEND = "amend"


ALLOWED: Final[Mapping[RestoreCommand, frozenset[RestoreState]]] = {
    RestoreCommand.START: frozenset({RestoreState.PENDING}),
    RestoreCommand.COMPLETE: frozenset({RestoreState.IN_PROGRESS}),
    RestoreCommand.FAIL: frozenset({RestoreState.IN_PROGRESS}),
    RestoreCommand.CANCEL: frozenset({RestoreState.PENDING, RestoreState.IN_PROGRESS}),
    RestoreCommand.AMEND: frozenset(RestoreState),
}

LONGEST_SECONDS: Final = 2**31 - 1
"""The longest duration that the tables can hold: 68 years."""
