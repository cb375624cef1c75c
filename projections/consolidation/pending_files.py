"""Files that a step writes before the log names them, and their removal if the step fails.

A file cannot be part of a transaction. So a step first notes which files it is going to write. If
it fails, the log is read on a new connection, and the files that it does not name are removed. If
the log cannot be read, or the process is killed, the note stays, and the next step does this.
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
"""How the files that a step writes begin, by kind."""


def notes_folder() -> Path:
    """The folder of the notes, and of the files that were given no name."""
    return Path(settings.BASE_DIR) / "var" / "consolidation"


@dataclass
class Note:
    """The files that a step is going to write, since when, and the log it works on."""

    files: dict[str, Path]
    log: str
    began: float = field(default_factory=time.time)

    def settle(self, using: str) -> None:
        """Remove the files that the log does not name. The caller must have locked appends."""
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
        """Whether the step wrote this file, and no other process is using it."""
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
        """Raises `ValueError`, `KeyError` or `TypeError` if the note was written only in part."""
        told = json.loads(data)
        files = {str(kind): Path(path) for kind, path in dict(told["files"]).items()}
        return cls(files, str(told["log"]), float(told["began"]))


@contextmanager
def settled(files: Mapping[str, Path | None], *, using: str = "default") -> Iterator[None]:
    """Around a step that writes these files: if it fails, remove those that the log does not name.

    First does the same for what earlier steps on this log have left.
    """
    note = Note({kind: path for kind, path in files.items() if path}, _log(using))
    settle_left(note.log, using)
    path, file = _begun(note)
    try:
        yield
    except BaseException:
        # If the log cannot be read now, the next step does it.
        if ask_anew(lambda: _settle(note, using), using=using):
            discard(path)
        raise
    else:
        discard(path)
    finally:
        file.close()


def settle_left(log: str, using: str) -> None:
    """Settle the notes of steps on this log that are no longer running."""
    for path in notes_folder().glob(".*.unsettled"):
        with suppress(OSError), path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            try:
                note = Note.read(file.read())
            except (ValueError, KeyError, TypeError):
                discard(path)  # the step was killed before it wrote a file
                continue
            if note.log == log:
                _settle(note, using)
                discard(path)


def _settle(note: Note, using: str) -> bool:
    # A transaction that commits while its client is gone keeps the log locked until it is done.
    with transaction.atomic(using=using):
        Log(using).lock()
        note.settle(using)
    return True


def _begun(note: Note) -> tuple[Path, IO[bytes]]:
    """A note on disk. It is locked until it is closed, which shows others that the step runs."""
    folder = notes_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path, file = _opened(folder)
    except OSError:
        # All files were given names, and the folder is not writable.
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
    """The identity of the log and its database: a copy of the log may name other files."""
    first = Log(using).hash_at(1) or b""
    return f"{first.hex()} {where_is(connections[using])}"


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""
