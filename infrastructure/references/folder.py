"""The files of a source tree that are read, and what is left out, with the reason.

Links are not followed: a link inside the tree leads to a file that is read anyway, and one that
leaves it leads to somebody else's source. So a loop of links does no harm.
"""

import os
from dataclasses import dataclass, field
from pathlib import Path

from infrastructure.references.errors import NoSourceTree, UnreadableSource

NOT_SOURCE = {
    ".git": "the repository itself",
    ".hg": "the repository itself",
    ".svn": "the repository itself",
    ".tox": "environments of tox",
    ".nox": "environments of nox",
    "node_modules": "packages of others",
    "site-packages": "packages of others",
}
NOT_SAID = frozenset({"__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache"})
"""Folders that tools fill from the source. Nobody misses them in the list."""
LARGEST = 4 * 2**20
"""In bytes. No one writes a larger source file by hand, and parsing takes many times its size."""
PYTHON = (".py", ".pyi")
TEMPLATES = (".html", ".txt", ".xml", ".email", ".eml", ".md", ".js")
FIXTURES = (".json",)


@dataclass(frozen=True)
class SourceFolder:
    """A tree's files, by their paths relative to `root`, in order."""

    root: Path
    files: tuple[str, ...]
    left_out: dict[str, str] = field(default_factory=dict)
    """Path → why it is not part of the source."""
    unread: dict[str, str] = field(default_factory=dict)
    """Path → why it could not be read. The list of references is not complete without it."""

    @property
    def python(self) -> list[str]:
        return [path for path in self.files if path.endswith(PYTHON)]

    def read(self, path: str) -> bytes:
        """The file's bytes; `UnreadableSource` if there are too many or they cannot be read."""
        try:
            size = (self.root / path).stat().st_size
            if size > LARGEST:
                raise UnreadableSource(f"it has {size:,} bytes; more than {LARGEST:,} are not read")
            return (self.root / path).read_bytes()
        except OSError as error:
            raise UnreadableSource(error.strerror or str(error)) from error


def read_folder(root: Path) -> SourceFolder:
    """List the files of the tree; `NoSourceTree` if it is not a folder with Python source."""
    if not root.is_dir():
        raise NoSourceTree(root, "is not a folder" if root.exists() else "does not exist")
    left_out: dict[str, str] = {}
    unread: dict[str, str] = {}
    files: list[str] = []
    real = Path(os.path.realpath(root))

    def failed(error: OSError) -> None:
        unread[os.path.relpath(error.filename, root)] = error.strerror or str(error)

    for folder, names, found in os.walk(root, onerror=failed):
        here = Path(folder)
        for name in sorted(names):
            why = _not_source(here / name, real)
            if why or name in NOT_SAID:
                names.remove(name)
                if why:
                    left_out[_relative(here / name, root)] = why
        names.sort()
        for name in found:
            if not _is_read(here, name):
                continue
            why = _why_not(here / name, real)
            if why:
                left_out[_relative(here / name, root)] = why
            else:
                files.append(_relative(here / name, root))
    if not any(path.endswith(PYTHON) for path in files) and not unread:
        raise NoSourceTree(root, "has no Python source")
    return SourceFolder(root, tuple(sorted(files)), dict(sorted(left_out.items())), unread)


def _relative(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix()


def _is_read(folder: Path, name: str) -> bool:
    if name.endswith((*PYTHON, *FIXTURES)):
        return True
    return name.endswith(TEMPLATES) and (name.endswith(".html") or "templates" in folder.parts)


def _not_source(folder: Path, root: Path) -> str:
    """Why this folder is left out; empty if it is part of the source."""
    if folder.is_symlink():
        return _link(folder, root)
    if folder.name in NOT_SOURCE:
        return NOT_SOURCE[folder.name]
    if (folder / "pyvenv.cfg").exists() or (folder / "conda-meta").is_dir():
        return "a virtual environment"
    return ""


def _why_not(path: Path, root: Path) -> str:
    if path.is_symlink():
        return _link(path, root)
    return "" if path.is_file() else "not a regular file"


def _link(path: Path, root: Path) -> str:
    target = Path(os.path.realpath(path))
    if not target.exists():
        return "a link that leads nowhere"
    if target == root or root in target.parents:
        return f"a link to {target.relative_to(root).as_posix()}, which is read where it is"
    return "a link that leaves the tree"
