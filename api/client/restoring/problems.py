"""Why a backup was not restored. Each class has the exit code of the command."""

from __future__ import annotations

from ..transport import ClientError


class RestoreProblem(ClientError):
    """The backup was not restored; the message says why, and where things are."""

    exit_code = 1


class RestoreAborted(RestoreProblem):
    """It was begun and failed. The target is as it was before, unless the message says more."""


class RestoreRefused(RestoreProblem):
    """It was not begun: the backup, the target or the options do not allow it."""

    exit_code = 2


class ProgramMissing(RestoreProblem):
    """A program that is needed is not installed here."""

    exit_code = 127

    def __init__(self, program: str) -> None:
        super().__init__(f"{program} is needed for this, and is not on the PATH of this machine.")
