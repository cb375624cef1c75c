"""Copies files, with progress, as they are: content, mode, times and, for root, their owner."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable
from pathlib import Path

from .problems import RestoreRefused

CHUNK = 1024 * 1024
Copied = Callable[[int], None]
"""Told of each number of bytes that were copied."""


def copy_file(source: str | Path, target: str | Path, copied: Copied) -> None:
    """Copy one file to a name that nothing has."""
    with open(source, "rb") as content, open(target, "xb") as copy:
        for chunk in iter(lambda: content.read(CHUNK), b""):
            copy.write(chunk)
            copied(len(chunk))
    copy_facts(source, target)


def copy_tree(source: str | Path, target: str | Path, copied: Copied) -> None:
    """Copy a directory to a name that nothing has. Refuses devices and the like."""
    os.mkdir(target, 0o700)
    with os.scandir(source) as entries:
        for entry in entries:
            name = os.path.join(target, entry.name)
            if entry.is_symlink():
                os.symlink(os.readlink(entry.path), name)
                copy_facts(entry.path, name)
            elif entry.is_dir():
                copy_tree(entry.path, name, copied)
            elif entry.is_file():
                copy_file(entry.path, name, copied)
            else:
                raise RestoreRefused(f"{entry.path} is not a file, a directory or a link.")
    copy_facts(source, target)


def copy_facts(source: str | Path, target: str | Path) -> None:
    """Mode, times and, for root, the owner."""
    there = os.lstat(source)
    if os.geteuid() == 0:
        os.chown(target, there.st_uid, there.st_gid, follow_symlinks=False)
    if not stat.S_ISLNK(there.st_mode):
        shutil.copystat(source, target)
