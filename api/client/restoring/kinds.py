"""What kind of backup a file is. Its content says so; its name says nothing."""

from __future__ import annotations

from pathlib import Path

from .compressed import compression, head_of
from .problems import RestoreRefused

POSTGRESQL = ("postgresql-custom", "postgresql-directory", "postgresql-tar", "postgresql-plain")
MYSQL, SQLITE, DIRECTORY, TAR = "mysql-plain", "sqlite", "directory", "tar"
KINDS = (*POSTGRESQL, MYSQL, SQLITE, DIRECTORY, TAR)
SHORT_NAMES = {
    "custom": ("postgresql-custom",),
    "directory": ("postgresql-directory", DIRECTORY),
    "plain": ("postgresql-plain", MYSQL),
    "tar": ("postgresql-tar", TAR),
    "sqlite3": (SQLITE,),
    "mysql": (MYSQL,),
    "mariadb": (MYSQL,),
}
"""Other words for formats that people record, and the kinds that each can mean."""
HEAD = 8192
_TAR_MARK = slice(257, 262)
_PLAIN = (
    (b"-- PostgreSQL database dump", "postgresql-plain"),
    (b"-- MySQL dump", MYSQL),
    (b"-- MariaDB dump", MYSQL),
)


def kind_of(path: Path) -> str:
    """One of `KINDS`. Raises `RestoreRefused` if it is none of them, or does not exist."""
    try:
        if path.is_dir():
            toc = path / "toc.dat"
            return "postgresql-directory" if toc.is_file() and _is_archive(toc) else DIRECTORY
        head = head_of(path, HEAD)
        packed = compression(path)
    except OSError as error:
        raise RestoreRefused(f"The backup {path} cannot be read: {error.strerror}.") from error
    found = _kind_of_content(head)
    if found is None:
        raise RestoreRefused(
            f"{path} is none of the kinds of backup that can be restored: {', '.join(KINDS)}."
        )
    if packed and found in ("postgresql-custom", "postgresql-tar", SQLITE):
        raise RestoreRefused(f"{path} is a {found} backup inside of {packed}: unpack it first.")
    return found


def refuse_other_kind(path: Path, kind: str, recorded: str) -> None:
    """Raises `RestoreRefused` if another kind was recorded. Words that say no kind are let be."""
    expected = SHORT_NAMES.get(recorded.lower(), (recorded.lower(),))
    if kind not in expected and (len(expected) > 1 or expected[0] in KINDS):
        raise RestoreRefused(f"{path} was registered as {recorded}, and it is {kind}.")


def _is_archive(file: Path) -> bool:
    with file.open("rb") as content:
        return content.read(5) == b"PGDMP"


def _kind_of_content(head: bytes) -> str | None:
    if head.startswith(b"PGDMP"):
        return "postgresql-custom"
    if head.startswith(b"SQLite format 3\0"):
        return SQLITE
    if head[_TAR_MARK] == b"ustar":
        return "postgresql-tar" if head.startswith(b"toc.dat\0") else TAR
    for mark, kind in _PLAIN:
        if any(line.startswith(mark) for line in head.splitlines()):
            return kind
    return None
