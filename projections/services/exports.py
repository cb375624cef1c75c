"""Exports: a list as a file, complete before any of it is sent, and recorded.

So the tables are read for as long as the file takes to write, and not for as long as somebody takes
to receive it. What is sent is whole, or an error; and its digest can be signed and recorded.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple
from uuid import uuid4

from django.conf import settings
from django.db.models import QuerySet

from domain.administration.events import ExportTaken
from domain.errors import RestoreLogError
from domain.events import Actor
from infrastructure.databases.time_limit import TookTooLong
from infrastructure.documents.keys import Signer
from infrastructure.documents.signed import signed
from infrastructure.event_store.chain import GENESIS
from infrastructure.event_store.log import Log
from infrastructure.event_store.models import Event
from infrastructure.exports.columns import FileColumn
from infrastructure.exports.files import ExportedFile, write_export
from infrastructure.recording.accounts import record_occurrence
from projections.engine.held_rows import held_rows
from projections.services.appending import append_with_tables

DOCUMENT = "restore-log-export/1"

_one_at_a_time = Lock()


class ExportBusy(RestoreLogError):
    code = "export_busy"

    def __init__(self) -> None:
        super().__init__("Another export is being written. Try again when it is done.")


class ExportTooSlow(RestoreLogError):
    code = "export_too_slow"

    def __init__(self, seconds: float) -> None:
        super().__init__(
            f"The rows of the export were not read within {seconds:g} seconds. Ask for fewer, such "
            "as those created in one year, or as of one position in several parts."
        )


class RowsAtPosition(NamedTuple):
    """Rows as they were at a position of the log, in the order of the columns of a file."""

    position: int
    rows: Iterable[Sequence[Any]]


@dataclass(frozen=True)
class ExportRequest:
    """What is asked for. `parameters` are those that were given, for the log."""

    contents: str
    file_format: str
    parameters: Mapping[str, str]
    columns: Sequence[FileColumn]
    read: AbstractContextManager[RowsAtPosition]


@dataclass(frozen=True)
class TakenExport:
    """An export, and the signed statement of what it is, if that was asked for."""

    file: ExportedFile
    position: int
    recorded_at_position: int
    statement: bytes | None


@contextmanager
def rows_now(
    rows: QuerySet[Any],
    label: str,
    shaped: Callable[[tuple[Any, ...]], Sequence[Any]],
    position: int | None = None,
) -> Iterator[RowsAtPosition]:
    """The rows of a table at its projection's position, each `shaped` as the file has it.

    `position` says which one it is if they are versions of rows as of another one.
    """
    with held_rows(rows, label, settings.EXPORT_SECONDS) as (generation, found):
        if position is None:
            position = generation.position if generation is not None else 0
        yield RowsAtPosition(position, map(shaped, found))


def take_export(request: ExportRequest, *, actor: Actor, signer: Signer | None) -> TakenExport:
    """Write the file and record that it was taken.

    Raises `ExportBusy`, `ExportTooSlow`, `NoRoomForExport`, `ExportFailed`, and what an append may
    raise: what cannot be recorded is not handed out.
    """
    if not _one_at_a_time.acquire(blocking=False):
        raise ExportBusy
    try:
        return _taken(request, actor, signer)
    except TookTooLong as error:
        raise ExportTooSlow(settings.EXPORT_SECONDS) from error
    finally:
        _one_at_a_time.release()


def _taken(request: ExportRequest, actor: Actor, signer: Signer | None) -> TakenExport:
    with request.read as (position, rows):
        about = {
            "restore-log-export": request.contents,
            "position": str(position),
            **{f"parameter {name}": value for name, value in request.parameters.items()},
        }
        file = write_export(
            request.file_format, request.columns, rows, about, Path(settings.EXPORT_FOLDER)
        )
    try:
        facts: dict[str, Any] = {
            "contents": request.contents,
            "file_format": request.file_format,
            "parameters": dict(request.parameters),
            "log_position": position,
            "rows": file.rows,
            "size_bytes": file.size,
            "sha256": file.digest.hex(),
        }
        recorded_at = _recorded(actor, signed=signer is not None, **facts)
        statement = None
        if signer is not None:
            content = {
                **facts,
                "chain_head": (Log().hash_at(position) or GENESIS).hex(),
                "taken_by": str(actor),
                "recorded_at_position": recorded_at,
            }
            statement = signed(DOCUMENT, content, signer)
        return TakenExport(file, position, recorded_at, statement)
    except BaseException:
        file.close()
        raise


def _recorded(actor: Actor, **facts: Any) -> int:
    """Record that it was taken; the position of that event."""
    appended = append_with_tables(
        lambda log: record_occurrence(log, ExportTaken, f"export {uuid4()}", actor=actor, **facts)
    )
    event = Event.objects.filter(stream_id=appended.what)
    return event.values_list("position", flat=True).get()
