"""Files that a step writes before the log names them, and what becomes of them if it fails.

A file cannot be part of a transaction. So a step notes first which files it is going to write. If
it fails, the log is asked, on a new connection, which of them it names; the others are removed.
If the log cannot be asked, or the process is killed, the note stays, and the next step asks.
"""

import fcntl
import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from hashlib import file_digest
from pathlib import Path
from typing import IO
from uuid import uuid4

from django.conf import settings
from django.db import connections, transaction

from infrastructure.databases.new_connection import ask_anew
from infrastructure.databases.own_database import where_is
from infrastructure.documents.signed import discard
from infrastructure.event_store.log import Log
from infrastructure.output_files import begins_with
from infrastructure.recording.consolidation import certificates, cut_overs

CERTIFICATE, EXPORT, SNAPSHOT = "certificate", "export", "snapshot"
KINDS: Mapping[str, Callable[[Path], bool]] = {
    CERTIFICATE: begins_with(b'{"certificate":'),
    EXPORT: begins_with(b'{"side":'),
    SNAPSHOT: begins_with(b"SQLite format 3\x00"),
}
"""How a file that a step writes begins, by what it is."""


def notes_folder() -> Path:
    """Where the notes are, and the files that were given no name."""
    return Path(settings.BASE_DIR) / "var" / "consolidation"


@dataclass
class Note:
    """Which files a step is going to write, from when on, into which log's database."""

    files: dict[str, Path]
    log: str
    began: float = field(default_factory=time.time)

    def settle(self, using: str) -> None:
        """Remove those that the log does not name. Whoever asks holds appends meanwhile."""
        log = Log(using)
        cuts = cut_overs(log)
        named = certificates(log) | {one.certificate for one in cuts}
        named |= {one.snapshot for one in cuts}
        certificate = self.files.get(CERTIFICATE)
        proven = certificate is not None and _sha256(certificate) in named
        for kind, path in self.files.items():
            if (kind == EXPORT and proven) or _sha256(path) in named:
                continue
            if self._wrote(kind, path):
                discard(path)

    def _wrote(self, kind: str, path: Path) -> bool:
        """Whether this is what the step put there, and nobody is at work with it."""
        try:
            with path.open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                # A file's time is a little coarser than the clock.
                return os.fstat(file.fileno()).st_mtime >= self.began - 1 and KINDS[kind](path)
        except OSError:
            return False

    def written(self) -> bytes:
        files = {kind: str(path.absolute()) for kind, path in self.files.items()}
        return json.dumps({"log": self.log, "began": self.began, "files": files}).encode()

    @classmethod
    def read(cls, data: bytes) -> "Note":
        """Raises `ValueError`, `KeyError` or `TypeError` for what was written in part."""
        told = json.loads(data)
        files = {str(kind): Path(path) for kind, path in dict(told["files"]).items()}
        return cls(files, str(told["log"]), float(told["began"]))


@contextmanager
def settled(files: Mapping[str, Path | None], *, using: str = "default") -> Iterator[None]:
    """Around a step that writes these files: if it fails, those that the log does not name go.

    First settles what earlier steps on this log have left.
    """
    note = Note({kind: path for kind, path in files.items() if path}, _log(using))
    settle_left(note.log, using)
    path, file = _begun(note)
    try:
        yield
    except BaseException:
        # What cannot be asked now is asked by the next step.
        if ask_anew(lambda: _settle(note, using), using=using):
            discard(path)
        raise
    else:
        discard(path)
    finally:
        file.close()


def settle_left(log: str, using: str) -> None:
    """Settle the notes of steps on this log that are at work no more."""
    for path in notes_folder().glob(".*.unsettled"):
        with suppress(OSError), path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            try:
                note = Note.read(file.read())
            except (ValueError, KeyError, TypeError):
                discard(path)  # it was killed before it wrote anything else
                continue
            if note.log == log:
                _settle(note, using)
                discard(path)


def _settle(note: Note, using: str) -> bool:
    # A transaction that is at its end while its client is gone holds the log until it is done.
    with transaction.atomic(using=using):
        Log(using).lock()
        note.settle(using)
    return True


def _begun(note: Note) -> tuple[Path, IO[bytes]]:
    """A note on disk, locked until it is closed, by which others know that somebody is at work."""
    folder = notes_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path, file = _opened(folder)
    except OSError:
        # All files were given names, and the folder cannot be written.
        path, file = _opened(next(iter(note.files.values())).absolute().parent)
    fcntl.flock(file, fcntl.LOCK_EX)
    file.write(note.written())
    file.flush()
    os.fsync(file.fileno())
    return path, file


def _opened(folder: Path) -> tuple[Path, IO[bytes]]:
    path = folder / f".{uuid4().hex}.unsettled"
    return path, path.open("xb")


def _log(using: str) -> str:
    """Which log it is, in which database: a copy of it names other files."""
    first = Log(using).hash_at(1) or b""
    return f"{first.hex()} {where_is(connections[using])}"


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""
