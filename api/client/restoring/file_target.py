"""What targets that are files or directories share: their names, and how they are swapped."""

from __future__ import annotations

import os
import shlex
import shutil
from abc import abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .backup_file import BackupFile, Contents
from .naming import free_names, work_prefix
from .open_files import users_of
from .problems import RestoreAborted, RestoreRefused
from .swapping import swap, take_name, undo_swap
from .target import Target

LONGEST = 240
"""Bytes of a file's name; SQLite needs some more for what lies beside it."""


class FileTarget(Target):
    """A file or a directory. A link is followed: what it leads to is replaced."""

    is_folder: bool
    what: str

    def __init__(self, name: str, backup: BackupFile) -> None:
        self.path = Path(os.path.realpath(name))
        self.name = str(self.path)
        self.backup = backup
        work, before = free_names(
            self.path.name, LONGEST, lambda name: os.path.lexists(self.path.with_name(name))
        )
        self.work, self.before = self.path.with_name(work), self.path.with_name(before)

    def prepare(self) -> str:
        source = Path(os.path.realpath(self.backup.path))
        if self.path in (source, *source.parents) or source in self.path.parents:
            raise RestoreRefused(
                f"{self.name} and the backup {source} are the same, or one is inside the other."
            )
        return undo_swap(self.path)

    def leftovers(self) -> list[str]:
        begin, parent = work_prefix(self.path.name, LONGEST), self.path.parent
        found = sorted(one for one in parent.glob("*") if one.name.startswith(begin))
        return [f"{one}. To remove it: {self.removal(one)}" for one in found]

    def removal(self, path: Path) -> str:
        """The command that removes what is there."""
        return f"{'rm -r' if self.is_folder else 'rm'} {shlex.quote(str(path))}"

    def exists(self) -> bool:
        if not self.path.parent.is_dir():
            raise RestoreRefused(f"The directory {self.path.parent} does not exist.")
        if self.path.exists() and self.path.is_dir() != self.is_folder:
            raise RestoreRefused(f"{self.name} is not {self.what}.")
        return self.path.exists()

    def users(self) -> list[str]:
        return users_of(self.path)

    def contents_beside(self, expected: Contents) -> Contents:
        return self.contents_of(self.work)

    def contents(self, expected: Contents) -> Contents:
        return self.contents_of(self.path)

    @abstractmethod
    def contents_of(self, path: Path) -> Contents:
        """What is in a target of this kind, or in what was restored beside it."""

    def swap(self, *, overwrite: bool) -> str:
        os.sync()
        if not overwrite:
            take_name(self.work, self.path)
            return ""
        swap(self.work, self.path, self.before)
        return (
            f"What was in {self.name} before is kept as {self.before}. "
            f"To remove it: {self.removal(self.before)}"
        )

    def discard(self) -> None:
        if self.work.is_dir():
            shutil.rmtree(self.work)
        elif self.work.exists():
            self.work.unlink()

    def left_beside(self) -> str:
        return f"The restored data is in {self.work}." if self.work.exists() else ""


@contextmanager
def reasons(doing: str) -> Iterator[None]:
    """What the operating system refuses is a failure with its reason."""
    try:
        yield
    except OSError as error:
        where = f": {os.fsdecode(error.filename)}" if error.filename else ""
        raise RestoreAborted(f"{doing} failed: {error.strerror or error}{where}.") from error
