"""The head file: the last known head of the log, kept outside of the database.

A log that lost its end, such as that of a promoted asynchronous replica or a restored backup, is
consistent. But it does not contain a head that was kept elsewhere. Each machine that runs the
service has one small file. The log's id is the hash of its first event, as in an anchor.
"""

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from django.conf import settings

from domain.administration.acceptances import ACCEPTANCES_ID
from domain.administration.events import LogAccepted
from domain.administration.values import LostHead
from infrastructure.documents.signed import put_in_place
from infrastructure.event_store.errors import HeadFileUnusable, HeadFileUnwritable, LogLostEvents

if TYPE_CHECKING:
    from infrastructure.event_store.log import Log

FORMAT = "restore-log-head/1"
NAME = "head_file"
_here = threading.Lock()


class KeptHead(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The file's content. `accepted` is how many losses had been accepted by then."""

    format: str
    log: str
    position: int
    head: str
    accepted: int
    written_at: str

    def lost(self) -> LostHead:
        """This head, as one that is not in the log."""
        return LostHead(remembered_by=NAME, position=self.position, hash=self.head)


def head_file() -> Path | None:
    """The file's path, from the settings; None if the service keeps none."""
    return Path(settings.HEAD_FILE) if settings.HEAD_FILE else None


def read_head(path: Path) -> KeptHead | None:
    """The kept head; None if the file does not exist. `HeadFileUnusable` if it is damaged."""
    try:
        kept = msgspec.json.decode(path.read_bytes(), type=KeptHead)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise HeadFileUnusable(str(error.strerror)) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise HeadFileUnusable("it is not a valid head file") from error
    if kept.format != FORMAT:
        raise HeadFileUnusable(f"it is a {kept.format}, and this version reads {FORMAT}")
    return kept


def refuse_lost_end(log: "Log") -> None:
    """Raise `LogLostEvents` if the kept head is not in the log, and this was not accepted.

    Reads the file before the log: so its head was in the log already.
    """
    path = head_file()
    kept = read_head(path) if path is not None else None
    if kept is not None and not _in_log(kept, log) and not _accepted(kept, log):
        raise LogLostEvents(_how(kept, log), kept.position)


def keep_head(log: "Log") -> None:
    """Update the file to the end of the log. It never goes back unless the loss was accepted.

    Call it after a commit, not inside the transaction. Raises `LogLostEvents`, `HeadFileUnusable`
    or `HeadFileUnwritable`.
    """
    path = head_file()
    if path is None:
        return
    with _alone(path):
        kept = read_head(path)
        if kept is not None:
            refuse_lost_end(log)
        head = log.head()
        if head.position == 0:
            return
        if kept is None or head.position > kept.position or not _in_log(kept, log):
            _write(path, log)


def start_anew(log: "Log") -> None:
    """Overwrite the file with the current head. For use after a loss was accepted."""
    path = head_file()
    if path is not None:
        with _alone(path):
            _write(path, log)


def refuse_unwritable_head_file() -> None:
    """Raise `HeadFileUnwritable` if the file could not be written now."""
    path = head_file()
    if path is not None:
        with _alone(path):
            beside = _beside(path)
            beside.touch(mode=0o600)
            beside.unlink()


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """A lock for one thread of one process; raises a system error as `HeadFileUnwritable`."""
    try:
        with _here, path.with_name(f".{path.name}.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if path.is_dir():
                raise HeadFileUnwritable("it is a folder")
            yield
    except OSError as error:
        raise HeadFileUnwritable(str(error.strerror or error)) from error


def _write(path: Path, log: "Log") -> None:
    head, first = log.head(), log.hash_at(1)
    if first is None:
        return
    content = KeptHead(
        format=FORMAT,
        log=first.hex(),
        position=head.position,
        head=head.hash.hex(),
        accepted=len(_acceptances(log)),
        written_at=datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
    )
    beside = _beside(path)
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(msgspec.json.encode(content) + b"\n")
        put_in_place(file, beside, path)


def _beside(path: Path) -> Path:
    """The temporary path until the file is complete. Used only by the owner of the lock."""
    return path.with_name(f".{path.name}.partial")


def _in_log(kept: KeptHead, log: "Log") -> bool:
    found = log.hash_at(kept.position)
    return found is not None and found.hex() == kept.head


def _acceptances(log: "Log") -> list[LogAccepted]:
    return [event for event in log.stream(ACCEPTANCES_ID) if isinstance(event, LogAccepted)]


def _accepted(kept: KeptHead, log: "Log") -> bool:
    """Whether the loss of this head was accepted after it was kept.

    Either the acceptance names this head, as it does on the machine where it was made; or the
    head is after the position at which the log ended when the next loss was accepted.
    """
    since = _acceptances(log)[kept.accepted :]
    if any((one.position, one.hash) == (kept.position, kept.head) for e in since for one in e.lost):
        return True
    first = log.hash_at(1)
    same_log = first is not None and first.hex() == kept.log
    return same_log and bool(since) and kept.position > since[0].log_position


def _how(kept: KeptHead, log: "Log") -> str:
    head, first = log.head(), log.hash_at(1)
    remembered = f"HEAD_FILE remembers position {kept.position}, written at {kept.written_at}"
    if first is None or first.hex() != kept.log:
        return f"This is another log, which ends at position {head.position}: {remembered}"
    if head.position < kept.position:
        return f"The log ends at position {head.position}, and {remembered}"
    return f"The log has another event at position {kept.position}: {remembered}"
