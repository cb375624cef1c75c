"""Checks of the files that a command will write, so that no other file is overwritten.

An existing file is replaced only by a file of the same kind, and only if the log does not refer to
it. Paths are resolved, so links and other spellings of a path are recognised.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from fcntl import LOCK_EX, LOCK_NB, flock
from hashlib import file_digest
from itertools import combinations
from os.path import exists, realpath
from pathlib import Path
from typing import IO

from django.conf import settings
from django.db import connections

from domain.errors import RestoreLogError
from domain.messages import Message, Remedy, remedy
from infrastructure.documents.signed import CannotWrite, refuse_unwritable
from infrastructure.hosts.connecting import parse_source
from infrastructure.hosts.connecting.errors import HostError

BESIDE_SQLITE = ("", "-wal", "-shm", "-journal")
"""The endings of the names of a SQLite database's files."""


class WouldOverwrite(RestoreLogError):
    code = "would_overwrite"

    def __init__(self, named: Remedy, why: str | Message) -> None:
        super().__init__(named, ": ", why, ". Nothing was done. Name another file.")


@dataclass(frozen=True)
class Output:
    """A file that a parameter names. `named` are the SHA-256 of those of its kind to be kept."""

    parameter: str
    path: Path
    kind: str
    is_one: Callable[[Path], bool]
    named: Collection[str] = ()
    named_why: str = ""

    @property
    def called(self) -> Remedy:
        """The parameter, with the file that it names."""
        return remedy(**{self.parameter: self.path})

    def why_kept(self) -> str:
        """Why the existing file must not be replaced; empty if it may be."""
        if not self.path.exists():
            return ""
        if not self.path.is_file():
            return "that is no file"
        if self.path.stat().st_size and not self.is_one(self.path):
            return f"there is a file of that name, and it is no {self.kind}"
        with self.path.open("rb") as file:
            if _is_locked(file):
                return "another command is at work with it"
            known = file_digest(file, "sha256").hexdigest() in self.named
        return self.named_why if known else ""


def _is_locked(file: IO[bytes]) -> bool:
    """Whether another process is writing it; see `begun` in `documents.signed`."""
    try:
        flock(file, LOCK_EX | LOCK_NB)
    except BlockingIOError:
        return True
    return False


def begins_with(start: bytes) -> Callable[[Path], bool]:
    """A function that recognises files of a kind by their first bytes."""

    def does(path: Path) -> bool:
        with path.open("rb") as file:
            return file.read(len(start)) == start

    return does


def refuse_overwriting(outputs: Sequence[Output], *, source: str = "") -> None:
    """Raise `WouldOverwrite` or `CannotWrite` unless all of them can and may be written.

    Call it before the work, not after it. `source` is the host's URL, if not from the settings.
    """
    for one, other in combinations(outputs, 2):
        if _same(one.path, other.path):
            why = Message(remedy(**{one.parameter: None}), " names the same file")
            raise WouldOverwrite(other.called, why)
    for output in outputs:
        try:
            kept = _why_protected(output.path, source) or output.why_kept()
        except OSError as error:
            raise CannotWrite(output.path, error) from error
        if kept:
            raise WouldOverwrite(output.called, kept)
        refuse_unwritable(output.path)


def _why_protected(path: Path, source: str) -> str:
    """Which file that is never overwritten this is; empty if it is another file."""
    return next((f"that is {what}" for one, what in _protected(source) if _same(path, one)), "")


def _protected(source: str) -> Iterator[tuple[Path, str]]:
    """The files that are never overwritten, each with a name for messages."""
    ours = connections["default"].settings_dict
    if str(ours["ENGINE"]).endswith("sqlite3"):
        yield from _files_of(str(ours["NAME"]), "the service's own database")
    for url in filter(None, {source, settings.SOURCE_DATABASE_URL}):
        try:
            host = parse_source(url)
        except HostError:
            continue  # the code that reads the host reports what is wrong with its URL
        if host.vendor == "sqlite":
            yield from _files_of(host.name, "the host's database, which is only read")
    if settings.SIGNING_KEY_FILE:
        yield Path(settings.SIGNING_KEY_FILE), "the private key that signs"


def _files_of(database: str, what: str) -> Iterator[tuple[Path, str]]:
    """The files of a SQLite database."""
    path = Path(realpath(database))
    for end in BESIDE_SQLITE:
        yield path.with_name(path.name + end), what


def _same(one: Path, other: Path) -> bool:
    """Whether these paths name one file, also if it does not exist yet."""
    if exists(one) and exists(other):
        return one.samefile(other)
    return realpath(one) == realpath(other)
