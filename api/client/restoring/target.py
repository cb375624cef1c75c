"""What every kind of target can do. `steps` uses nothing else."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable

from .backup_file import Contents
from .problems import RestoreProblem

Progress = Callable[[float], None]


class Target(ABC):
    """Where a backup is restored to. Every method can raise `RestoreProblem` or `OSError`."""

    name: str
    holds_files = False
    """Whether it is a directory, of which the number of files is compared, not of rows."""
    needs_consent = ""
    """Why what is there must be removed before the new one takes its place, if that is so."""

    @abstractmethod
    def prepare(self) -> str:
        """Choose names, and undo what a killed run left half done; what was undone, or nothing."""

    @abstractmethod
    def leftovers(self) -> list[str]:
        """What is beside the target from restores that were killed, and how to remove it."""

    @abstractmethod
    def exists(self) -> bool:
        """Whether something is there."""

    @abstractmethod
    def users(self) -> list[str]:
        """Who uses what is there, a line each."""

    @abstractmethod
    def check_backup(self, progress: Progress) -> None:
        """Raises `RestoreProblem` if the backup can be seen to be damaged or unfit."""

    @abstractmethod
    def fill(self, progress: Progress) -> None:
        """Restore the backup beside the target."""

    @abstractmethod
    def contents_beside(self, expected: Contents) -> Contents:
        """What was restored there, once it has been opened; counted where that was expected."""

    @abstractmethod
    def contents(self, expected: Contents) -> Contents:
        """The same of the target."""

    @abstractmethod
    def swap(self, *, overwrite: bool) -> str:
        """Give what was restored the target's name; how to remove what was there before."""

    @abstractmethod
    def discard(self) -> None:
        """Remove what was restored beside the target."""

    @abstractmethod
    def left_beside(self) -> str:
        """Where the restored data is if it did not get the target's name; empty if nowhere."""


def left_database(name: str, exists: Callable[[str], bool]) -> str:
    """What a restore says of the database beside its target, in which the new data is."""
    try:
        there = exists(name)
    except RestoreProblem:
        return f"The restored data may be in the database {name}."
    return f"The restored data is in the database {name}." if there else ""
