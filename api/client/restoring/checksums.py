"""Checksums of backups, as they are recorded: `sha256:` and 64 hexadecimal digits.

A file's is its SHA-256. A directory's is the SHA-256 of its manifest: for each file, in the order
of the bytes of its path, what `sha256sum -z` prints, which is the file's SHA-256, two spaces, the
path from `./` on, and a zero byte. A symbolic link is listed as `link`, two spaces, the path, an
arrow (` -> `) and where it leads; an empty directory as `directory`, two spaces and the path.
Without links and empty directories, the same comes from:

    find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum -z | sha256sum
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

from .problems import RestoreRefused

CHUNK = 1024 * 1024
Progress = Callable[[float], None]


def backup_size(path: Path) -> int:
    """The bytes of a file, or of all files in a directory."""
    if path.is_dir():
        return sum(one.stat(follow_symlinks=False).st_size for one in entries(path) if is_file(one))
    return path.stat().st_size


def backup_checksum(path: Path, progress: Progress = lambda share: None) -> str:
    """The checksum of a file or a directory; `progress` is told which share has been read."""
    total, read = max(backup_size(path), 1), 0

    def hexdigest(file: Path | os.DirEntry[str]) -> str:
        nonlocal read
        digest = hashlib.sha256()
        with open(file, "rb") as content:
            for chunk in iter(lambda: content.read(CHUNK), b""):
                digest.update(chunk)
                read += len(chunk)
                progress(read / total)
        return digest.hexdigest()

    if not path.is_dir():
        return f"sha256:{hexdigest(path)}"
    manifest = hashlib.sha256()
    root = os.fsencode(path)
    for entry in sorted(entries(path), key=lambda one: os.fsencode(one.path)):
        name = b"." + os.fsencode(entry.path)[len(root) :]
        if entry.is_symlink():
            line = b"link  " + name + b" -> " + os.fsencode(os.readlink(entry.path))
        elif is_file(entry):
            line = hexdigest(entry).encode() + b"  " + name
        else:
            line = b"directory  " + name
        manifest.update(line + b"\0")
    return f"sha256:{manifest.hexdigest()}"


def entries(folder: Path | str) -> Iterator[os.DirEntry[str]]:
    """All files, links and empty directories in a directory; refuses devices and the like."""
    for entry in os.scandir(folder):
        if entry.is_dir(follow_symlinks=False):
            inside = list(entries(entry.path))
            yield from inside or [entry]
        elif entry.is_symlink() or is_file(entry):
            yield entry
        else:
            kind = stat.filemode(entry.stat(follow_symlinks=False).st_mode)[0]
            raise RestoreRefused(f"{entry.path} is not a file, a directory or a link ({kind}).")


def is_file(entry: os.DirEntry[str]) -> bool:
    return entry.is_file(follow_symlinks=False)
