"""The spool: what is not yet in the log, one file a restore, one JSON object a line.

A line is synced to the disk before it is sent, so that neither a crash nor an absent service can
lose it. Events are numbered and sent in order. A file is locked by the process that writes or
sends it; the lock ends with the process. What is still there belongs to nobody: the wrapper died.

Lines of a file: first `{"spool": 1, …}`, which says what it is about; `{"sequence": …}`, an event;
`{"recorded": N}`, the log has all events up to N; `{"shifted": SECONDS}`, times are moved by that;
`{"refused": N, …}`, why the event N was refused; `{"again": N}`, somebody had it sent again.
"""

from __future__ import annotations

import fcntl
import json
import os
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from .clock import written
from .transport import Body, ClientError

FORMAT = 1
SUFFIX = ".ndjson"
NEW = ".new"
"""How a file ends that has no name yet; after an hour, nobody is going to give it one."""
UNFINISHED_SECONDS = 3600
REFUSED = "refused"
"""The folder, in the spool, of files with an event that was refused for good."""
ENDS = frozenset({"complete", "fail", "cancel", "register"})
LONG = ("output", "warnings", "errors")
"""Members that are left out if there is room for what became of a restore, and no more."""


class SpoolUnusable(ClientError):
    """The spool cannot be read or written, for example because the disk is full."""


@dataclass
class SpooledEvent:
    """A command on a restore, with its number in it."""

    sequence: int
    command: str
    body: Body

    def key(self, stream_id: str, attempt: str) -> str:
        """The `Idempotency-Key`: the same for the same event, another one once it was refused."""
        return str(uuid.uuid5(uuid.UUID(stream_id), f"{self.sequence} {attempt}"))


@dataclass
class Journal:
    """The events of one restore or backup, in memory and, if possible, in a file."""

    stream_id: str
    name: str
    events: list[SpooledEvent] = field(default_factory=list)
    recorded: int = 0
    shifted: float = 0.0
    refusal: Body | None = None
    again: int = 0
    damaged: str = ""
    path: Path | None = None
    lock: int | None = None
    kept: int = 0
    """How many of the events are in the file."""
    writing: Any = field(default_factory=threading.RLock, repr=False)

    @property
    def unsent(self) -> list[SpooledEvent]:
        return [event for event in self.events if event.sequence > self.recorded]

    @property
    def ended(self) -> bool:
        """Whether nothing more can be expected, as its wrapper has told how it ended."""
        return any(event.command in ENDS or event.body.get("status") for event in self.events)

    @property
    def begun(self) -> bool:
        return bool(self.events)

    def add(self, command: str, body: Body) -> SpooledEvent:
        """The next event. Raises `SpoolUnusable` if it is in memory alone."""
        with self.writing:
            sequence = len(self.events) + 1
            event = SpooledEvent(sequence, command, {**body, "sequence": sequence})
            self.events.append(event)
            self.keep()
            return event

    def keep(self) -> None:
        """Write what is not yet in the file, and sync it."""
        with self.writing:
            for event in self.events[self.kept :]:
                line = {"sequence": event.sequence, "command": event.command, "body": event.body}
                self.write(line, sync=True)
                self.kept += 1

    def keep_short(self) -> None:
        """Write what is not yet in the file without its long members: the disk is full."""
        with self.writing:
            for event in self.events[self.kept :]:
                event.body = {name: one for name, one in event.body.items() if name not in LONG}
            self.keep()

    def note(self, **facts: Any) -> None:
        """Write down what became of events. If it gets lost, they are sent again, for nothing."""
        with suppress(SpoolUnusable):
            self.write(facts, sync=False)

    def write(self, line: Body, *, sync: bool) -> None:
        with self.writing:
            if self.lock is None:
                raise SpoolUnusable("there is no file")
            size = os.fstat(self.lock).st_size
            try:
                _write(self.lock, json.dumps(line).encode() + b"\n", sync=sync)
            except OSError as error:
                with suppress(OSError):
                    # Half a line would be taken for the end of the file.
                    os.ftruncate(self.lock, size)
                raise SpoolUnusable(f"{self.path}: {error.strerror}") from error

    def moved(self, event: SpooledEvent) -> Body:
        """The event's body, its times corrected by what this machine's clock is wrong."""
        if not self.shifted:
            return event.body
        return {name: _shifted(name, value, self.shifted) for name, value in event.body.items()}

    def remove(self) -> None:
        """Everything is in the log."""
        if self.lock is not None and self.path is not None:
            with suppress(OSError):
                self.path.unlink()
        self.release()

    def set_aside(self) -> None:
        """Move the file to those that were refused."""
        if self.lock is not None and self.path is not None:
            folder = self.path.parent / REFUSED
            with suppress(OSError):
                folder.mkdir(mode=0o700, exist_ok=True)
                self.path.rename(folder / self.path.name)
        self.release()

    def release(self) -> None:
        if self.lock is not None:
            os.close(self.lock)
            self.lock = None


class Spool:
    """The folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.unreadable: list[str] = []
        """What `taken` could not open, and why: it may be the file of another user."""

    def create(self, stream_id: str, name: str) -> Journal:
        """A journal with a file, which nobody else touches until it is released.

        Raises `SpoolUnusable`; a journal without a file is `Journal(stream_id, name)`.
        """
        path = self.folder / f"{stream_id}{SUFFIX}"
        hidden = self.folder / f".{stream_id}{NEW}"
        journal = Journal(stream_id, name, path=path)
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            journal.lock = os.open(hidden, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
            fcntl.flock(journal.lock, fcntl.LOCK_EX)
            journal.write({"spool": FORMAT, "stream_id": stream_id, "name": name}, sync=True)
            # Under its name, it is locked from the first moment on.
            hidden.rename(path)
            _sync_folder(self.folder)
        except OSError as error:
            journal.release()
            with suppress(OSError):
                hidden.unlink()
            raise SpoolUnusable(f"{self.folder}: {error.strerror}") from error
        except SpoolUnusable:
            journal.release()
            with suppress(OSError):
                hidden.unlink()
            raise
        return journal

    def take(self, path: Path) -> Journal | None:
        """The journal of a file, locked; None if another process has it, or it is gone."""
        try:
            lock = os.open(path, os.O_RDWR | os.O_APPEND)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise SpoolUnusable(f"{path}: {error.strerror}") from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if not _same(lock, path):
                os.close(lock)
                return None
        except OSError:
            os.close(lock)
            return None
        journal, whole = _parsed(path, os.pread(lock, os.fstat(lock).st_size, 0))
        journal.lock = lock
        if not journal.damaged:
            # What follows the last whole line was being written when its writer died.
            os.ftruncate(lock, whole)
        return journal

    def taken(self) -> Iterator[Journal]:
        """Every journal that waits and that no other process has, the oldest first."""
        self._remove_unfinished()
        for path in self.files():
            try:
                journal = self.take(path)
            except SpoolUnusable as error:
                self.unreadable.append(str(error))
                continue
            if journal is not None:
                try:
                    yield journal
                finally:
                    journal.release()

    def _remove_unfinished(self) -> None:
        """Files of processes that died while they made them."""
        for path in self.folder.glob(f".*{NEW}"):
            with suppress(OSError):
                if time.time() - path.stat().st_mtime > UNFINISHED_SECONDS:
                    path.unlink()

    def files(self, folder: str = "") -> list[Path]:
        """The files that wait, or those that were refused; the oldest first."""
        try:
            found = [
                (path.stat().st_mtime, path)
                for path in (self.folder / folder).glob(f"[!.]*{SUFFIX}")
            ]
        except FileNotFoundError:
            return self.files(folder)  # one was sent meanwhile
        except OSError as error:
            raise SpoolUnusable(f"{self.folder}: {error.strerror}") from error
        return [path for _, path in sorted(found)]

    def look(self, folder: str = "") -> list[Journal]:
        """What is in the files, without a lock."""
        found = []
        for path in self.files(folder):
            try:
                found.append(_parsed(path, path.read_bytes())[0])
            except FileNotFoundError:
                continue
            except OSError as error:
                damaged = f"cannot be read: {error.strerror}"
                found.append(Journal(path.name[: -len(SUFFIX)], "", damaged=damaged, path=path))
        return found

    @contextmanager
    def refused(self, stream_id: str) -> Iterator[Path]:
        """The file of a refused restore, under a lock."""
        path = self.folder / REFUSED / f"{stream_id}{SUFFIX}"
        journal = self.take(path)
        if journal is None:
            raise ClientError(f"Nothing of {stream_id} was refused.")
        try:
            yield path
        finally:
            journal.release()

    def send_again(self, stream_id: str) -> None:
        """Put a refused restore back among those that wait."""
        with self.refused(stream_id) as path:
            with path.open("ab") as file:
                file.write(b'{"again": 1}\n')
            path.rename(self.folder / path.name)

    def discard(self, stream_id: str) -> None:
        """Delete what was refused."""
        with self.refused(stream_id) as path:
            path.unlink()


def _parsed(path: Path, content: bytes) -> tuple[Journal, int]:
    """A file's journal, and how many bytes of it are whole lines."""
    journal = Journal(path.name[: -len(SUFFIX)], "", path=path)
    whole = content.rfind(b"\n") + 1
    for number, line in enumerate(content[:whole].splitlines(), 1):
        try:
            _take_line(journal, number, json.loads(line))
        except (ValueError, KeyError, TypeError):
            journal.damaged = f"line {number} is damaged"
            break
    journal.kept = len(journal.events)
    return journal, whole


def _take_line(journal: Journal, number: int, line: Body) -> None:
    if number == 1:
        if line["spool"] != FORMAT:
            raise ValueError
        journal.stream_id = str(uuid.UUID(line["stream_id"]))
        journal.name = str(line["name"])
    elif "sequence" in line:
        event = SpooledEvent(int(line["sequence"]), str(line["command"]), dict(line["body"]))
        if event.sequence != len(journal.events) + 1:
            raise ValueError
        journal.events.append(event)
    elif "recorded" in line:
        journal.recorded = int(line["recorded"])
    elif "shifted" in line:
        journal.shifted = float(line["shifted"])
    elif "refused" in line:
        journal.refusal = line
    elif "again" in line:
        journal.again += 1
        journal.refusal = None


def _shifted(name: str, value: Any, seconds: float) -> Any:
    """The value of a member; of a time, one that is so much later."""
    if name == "at" or name.endswith("_at"):
        return written(datetime.fromisoformat(value) + timedelta(seconds=seconds))
    return value


def _write(file: int, data: bytes, *, sync: bool) -> None:
    while data:
        data = data[os.write(file, data) :]
    if sync:
        os.fsync(file)


def _same(lock: int, path: Path) -> bool:
    """Whether the file that was opened still has this name: it may have been sent meanwhile."""
    try:
        return os.path.samestat(os.fstat(lock), path.stat())
    except FileNotFoundError:
        return False


def _sync_folder(folder: Path) -> None:
    """A new name is on the disk only once its folder is."""
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
