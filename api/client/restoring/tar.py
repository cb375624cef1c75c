"""Tar archives, also with gzip or zstd: unpacked into a directory, and never outside of it."""

from __future__ import annotations

import os
import posixpath
import shutil
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

from .backup_file import Contents
from .compressed import ChunkReader, chunks
from .directory import FILES, files_in
from .file_target import FileTarget, reasons
from .problems import RestoreAborted, RestoreRefused
from .target import Progress


class TarArchive(FileTarget):
    is_folder = holds_files = True
    what = "a directory"
    _files = 0

    def check_backup(self, progress: Progress) -> None:
        self._files = len(check_archive(self.backup.path, progress))

    def fill(self, progress: Progress) -> None:
        with reasons(f"Writing {self.work}"):
            os.mkdir(self.work, 0o755)
            _unpack(self.backup.path, self.work, progress)

    def contents_beside(self, expected: Contents) -> Contents:
        found = super().contents_beside(expected)
        if found[FILES] != self._files:
            raise RestoreAborted(
                f"{self.backup.path} holds {self._files} files, and {found[FILES]} were written."
            )
        return found

    def contents_of(self, path: Path) -> Contents:
        return files_in(path)


def check_archive(path: Path, progress: Progress = lambda share: None) -> set[str]:
    """The paths of its files, after it was read to its end.

    Raises `RestoreRefused` if a member would be outside of the directory or is a device, and
    `RestoreAborted` if the archive is damaged or was cut short.
    """
    files: set[str] = set()
    links: set[str] = set()
    with _members(path, progress) as archive:
        for member in archive:
            name = _inside(member.name, member.name)
            if any(parent in links for parent in _parents(name)):
                raise RestoreRefused(f"The archive's member {member.name!r} is behind a link.")
            files.discard(name)
            links.discard(name)
            if member.issym():
                _inside(posixpath.join(posixpath.dirname(name), member.linkname), member.name)
                links.add(name)
            elif member.islnk():
                if _inside(member.linkname, member.name) not in files:
                    raise RestoreRefused(
                        f"The archive's member {member.name!r} is a link to {member.linkname!r}, "
                        "which is not a file before it."
                    )
                files.add(name)
            elif member.isreg():
                files.add(name)
            elif not member.isdir():
                raise RestoreRefused(
                    f"The archive's member {member.name!r} is neither a file, a directory nor a "
                    "link."
                )
    return files


def _unpack(path: Path, folder: Path, progress: Progress) -> None:
    folders: list[tuple[Path, tarfile.TarInfo]] = []
    with _members(path, progress) as archive:
        for member in archive:
            target = folder / _inside(member.name, member.name)
            if member.isdir():
                target.mkdir(parents=True, exist_ok=True)
                folders.append((target, member))
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            if os.path.lexists(target):
                target.unlink()
            if member.issym():
                os.symlink(member.linkname, target)
            elif member.islnk():
                os.link(folder / _inside(member.linkname, member.name), target)
                continue
            else:
                _write(archive, member, target)
            _facts(target, member)
    for target, member in reversed(folders):
        _facts(target, member)


def _write(archive: tarfile.TarFile, member: tarfile.TarInfo, target: Path) -> None:
    content = archive.extractfile(member)
    assert content is not None
    with content, target.open("xb") as file:
        shutil.copyfileobj(content, file, 1024 * 1024)


def _facts(target: Path, member: tarfile.TarInfo) -> None:
    """Mode without set-user-id and the like, time and, for root, the owner by number."""
    if os.geteuid() == 0:
        os.chown(target, member.uid, member.gid, follow_symlinks=False)
    if not member.issym():
        os.chmod(target, member.mode & 0o777)
        os.utime(target, (member.mtime, member.mtime))


@contextmanager
def _members(path: Path, progress: Progress) -> Iterator[tarfile.TarFile]:
    source = chunks(path, progress)
    content = ChunkReader(source)
    try:
        with tarfile.open(fileobj=cast("IO[bytes]", content), mode="r|") as archive:
            yield archive
        while content.read(1024 * 1024):
            pass
        # Every whole archive has a block of zeros after its last member.
        if content.total < archive.offset + tarfile.BLOCKSIZE:
            raise RestoreAborted(
                f"{path} is damaged: it was cut short, as it does not end as an archive does."
            )
    except tarfile.TarError as error:
        raise RestoreAborted(f"{path} is damaged or was cut short: {error}.") from error
    finally:
        source.close()


def _inside(name: str, member: str) -> str:
    """The path within the directory. Raises `RestoreRefused` if it leads out of it."""
    normal = posixpath.normpath(name)
    if name.startswith("/") or normal == ".." or normal.startswith("../"):
        raise RestoreRefused(
            f"The archive's member {member!r} leads out of the directory that it is unpacked into."
        )
    return normal


def _parents(name: str) -> Iterator[str]:
    while (name := posixpath.dirname(name)) != "":
        yield name
