"""Directories: a copy, compared with its backup by checksum."""

from __future__ import annotations

from pathlib import Path

from .backup_file import Contents
from .checksums import backup_checksum, backup_size, entries, is_file
from .copying import copy_tree
from .file_target import FileTarget, reasons
from .problems import RestoreAborted
from .target import Progress

FILES = "files"
"""What is counted of files."""


class Directory(FileTarget):
    is_folder = holds_files = True
    what = "a directory"
    _checksum = ""

    def check_backup(self, progress: Progress) -> None:
        self._checksum = self.backup.checksum.lower() or backup_checksum(self.backup.path, progress)

    def fill(self, progress: Progress) -> None:
        size, copied = max(backup_size(self.backup.path), 1), 0

        def note(more: int) -> None:
            nonlocal copied
            copied += more
            progress(copied / size)

        with reasons(f"Writing {self.work}"):
            copy_tree(self.backup.path, self.work, note)

    def contents_beside(self, expected: Contents) -> Contents:
        if backup_checksum(self.work) != self._checksum:
            raise RestoreAborted(f"{self.backup.path} was changed while it was copied.")
        return super().contents_beside(expected)

    def contents_of(self, path: Path) -> Contents:
        return files_in(path)


def files_in(folder: Path) -> dict[str, int | None]:
    """How many files are in a directory."""
    return {FILES: sum(is_file(entry) for entry in entries(folder))}
