"""The full backup before a cut-over: saves all four tables to one file, and puts them back.

The file is a SQLite database: a table for each projection under its own name, `snapshot_tables`
with the engine's data about each, and `snapshot_withheld` with the rows that no table can hold.
Any SQL client can read it. It holds all messages and names, so only its owner may open it. Times
are text in UTC, UUIDs 32 hexadecimal digits, booleans 0 and 1.
"""

import os
import sqlite3
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import file_digest
from os.path import samestat
from pathlib import Path
from typing import IO, Any
from uuid import UUID

from django.db import connections, transaction

from infrastructure.documents.signed import begun, discard, partial, put_in_place
from infrastructure.event_store.log import Log
from infrastructure.output_files import Output, WouldOverwrite
from projections.consolidation.errors import CannotSave, SnapshotUnknown
from projections.consolidation.sql import sql
from projections.engine import generations
from projections.engine.dialects import table_dialect
from projections.engine.dialects.base import TableDialect, TableLocation
from projections.engine.errors import RebuildRequired
from projections.engine.models import GenerationState, WithheldRow
from projections.engine.registry import PROJECTIONS, Projection
from projections.engine.runner import ProjectionRun
from projections.verification.actual.readers import ServiceReader, open_service
from projections.verification.actual.readers.base import Wanted

FORMAT = 1
BATCH = 2_000


@dataclass(frozen=True)
class Saved:
    """A snapshot that was just written, with its SHA-256."""

    path: Path
    digest: str
    file: IO[bytes]

    def refuse_replaced(self) -> None:
        """Raise `CannotSave` if another cut-over has replaced this file with its own."""
        if not self.path.exists() or not samestat(os.fstat(self.file.fileno()), self.path.stat()):
            raise CannotSave(self.path, "another process has written that file meanwhile")


@contextmanager
def saved_to(
    path: Path, saved: Callable[[], Collection[str]], *, using: str = "default"
) -> Iterator[Saved]:
    """Write the live tables, all as of one moment, to a new file.

    `saved` returns the hashes of what earlier cut-overs saved, also of those that finish
    meanwhile: such files are not overwritten. The file is locked while the block lasts, so that
    another cut-over sees that it is in use.
    """
    beside = partial(path)
    with ExitStack() as stack:
        try:
            begin = stack.enter_context(begun(path, private=True))
            digest = _save(beside, using)
            here = snapshot_output(path, saved())
            if why := here.why_kept():
                raise WouldOverwrite(here.called, why)
            put_in_place(begin, beside, path)
        except (OSError, sqlite3.Error) as error:
            raise CannotSave(path, getattr(error, "strerror", "") or str(error)) from error
        finally:
            discard(beside)
        yield Saved(path, digest, begin)


def _save(path: Path, using: str) -> str:
    lock = tuple(projection.table for projection in _saved())
    with (
        closing(open_service(connections[using].settings_dict, lock)) as service,
        _new_file(path) as file,
    ):
        _write(table_dialect(connections[using]), service, file)
    with path.open("rb") as written:
        return file_digest(written, "sha256").hexdigest()


def snapshot_output(path: Path, saved: Collection[str]) -> Output:
    """Where a snapshot will be written; refused if an earlier cut-over `saved` the file there."""
    why = "that is what an earlier cut-over saved, and is needed to go back to it"
    return Output("snapshot", path, "snapshot", is_snapshot, saved, why)


def is_snapshot(path: Path) -> bool:
    """Whether this file is a snapshot that a cut-over saved, and no other SQLite database."""
    try:
        with _opened(path) as file:
            file.execute("SELECT version FROM snapshot_format").fetchone()
    except sqlite3.Error:
        return False
    return True


def digest_of_file(path: Path) -> str:
    """The file's SHA-256, which the log records."""
    try:
        with path.open("rb") as file:
            return file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise SnapshotUnknown(path, error.strerror or str(error)) from error


def put_back(path: Path, *, using: str = "default") -> list[ProjectionRun]:
    """Fill building generations from the file, each at the position that it had then.

    Raises `SnapshotUnknown`, or `RebuildRequired` if a mapping has changed since.
    """
    dialect = table_dialect(connections[using])
    try:
        with _opened(path) as file:
            return [
                _put_back(dialect, Log(using), path, file, projection) for projection in _saved()
            ]
    except (sqlite3.Error, ValueError) as error:
        raise SnapshotUnknown(path, f"it cannot be read: {error}") from error


def not_saved(scope: str, *, using: str = "default") -> list[ProjectionRun]:
    """Empty building generations, to be filled from the log, of the projections that a cut-over
    switches and a snapshot does not hold."""
    others = [one for one in PROJECTIONS.values() if one.scoped and not one.certified]
    return [generations.begin(projection, scope, using=using) for projection in others]


def _saved() -> list[Projection]:
    """The projections whose tables a snapshot holds: those that a certificate covers."""
    return [projection for projection in PROJECTIONS.values() if projection.certified]


def _opened(path: Path) -> "closing[sqlite3.Connection]":
    """A SQLite file, opened immutable: SQLite reads only these bytes and writes no side files."""
    return closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True))


def _new_file(path: Path) -> "closing[sqlite3.Connection]":
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode = OFF")
    connection.execute("PRAGMA synchronous = OFF")
    return closing(connection)


def _write(dialect: TableDialect, service: ServiceReader, file: sqlite3.Connection) -> None:
    file.executescript(sql("snapshot_tables"))
    file.execute("INSERT INTO snapshot_format VALUES (?)", [FORMAT])
    saved, labels = {projection.label for projection in _saved()}, dict[int, str]()
    for key, label, *rest in service.rows(sql("live_generations")):
        if label not in saved:
            continue
        labels[key] = label
        scope, version, position, hash_, rows = rest
        file.execute(
            "INSERT INTO snapshot_tables VALUES (?, ?, ?, ?, ?, ?)",
            [label, scope, version, position, bytes(hash_), rows],
        )
    for key, stream, *rest, row in service.rows(sql("withheld")):
        if key in labels:
            file.execute(
                "INSERT INTO snapshot_withheld VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                [labels[key], _stored("uuid", stream), *rest, bytes(row)],
            )
    for projection in _saved():
        place = dialect.place(projection.model, projection.key, GenerationState.LIVE)
        _write_table(service, file, projection.table, place)
    file.commit()


def _write_table(
    service: ServiceReader, file: sqlite3.Connection, table: str, place: TableLocation
) -> None:
    file.execute(f'CREATE TABLE "{table}" ({place.column_list}, PRIMARY KEY ("id"))')
    there = {column.name: column for column in service.columns(table)}
    wanted = [
        Wanted(there[name], kind) for name, kind in zip(place.columns, place.kinds, strict=True)
    ]
    marks = ", ".join("?" * len(wanted))
    for rows in service.stream(table, wanted):
        file.executemany(
            f'INSERT INTO "{table}" VALUES ({marks})',
            (
                [_stored(kind, value) for kind, value in zip(place.kinds, row, strict=True)]
                for row in rows
            ),
        )


def _stored(kind: str, value: Any) -> Any:
    if value is None:
        return None
    if kind == "time":
        return str(value).replace("T", " ")
    if kind == "uuid":
        return str(value).replace("-", "")
    return int(value) if kind == "boolean" else value


def _read(kind: str, value: Any) -> Any:
    if value is None:
        return None
    if kind == "time":
        return datetime.fromisoformat(value).replace(tzinfo=UTC)
    if kind == "uuid":
        return UUID(value)
    return bool(value) if kind == "boolean" else value


def _put_back(
    dialect: TableDialect, log: Log, path: Path, file: sqlite3.Connection, projection: Projection
) -> ProjectionRun:
    """Restore one table as a building generation with its old checkpoint."""
    found = file.execute(sql("saved_table"), [projection.label]).fetchone()
    if found is None:
        raise SnapshotUnknown(path, f"it does not hold {projection.label}")
    scope, version, position, hash_, rows = found
    if version != projection.version:
        raise RebuildRequired(projection.label, version, projection.version)
    if log.hash_at(position) != hash_:
        raise SnapshotUnknown(path, f"this log has another event at position {position}")
    feed = generations.begin(
        projection, scope, position=position, hash_there=hash_, rows=rows, using=log.using
    )
    _put_rows_back(dialect, log, file, feed)
    _put_withheld_back(log, file, feed)
    return feed


def _put_rows_back(
    dialect: TableDialect, log: Log, file: sqlite3.Connection, feed: ProjectionRun
) -> None:
    place = feed.place
    for batch in _batches(file, f'SELECT * FROM "{feed.projection.table}" ORDER BY id'):
        values = [
            tuple(_read(kind, value) for kind, value in zip(place.kinds, row, strict=True))
            for row in batch
        ]
        with transaction.atomic(using=log.using):
            dialect.insert(place, dialect.packed(place, values))


def _put_withheld_back(log: Log, file: sqlite3.Connection, feed: ProjectionRun) -> None:
    withheld = file.execute(sql("saved_withheld"), [feed.projection.label])
    WithheldRow.objects.using(log.using).bulk_create(
        [
            WithheldRow(
                generation=feed.generation,
                stream_id=UUID(stream),
                row_id=row_id,
                cause=cause,
                column=column,
                reason=reason,
                position=at,
                row=row,
            )
            for stream, row_id, cause, column, reason, at, row in withheld
        ],
        batch_size=500,
    )


def _batches(file: sqlite3.Connection, query: str) -> Iterator[Sequence[Any]]:
    cursor = file.execute(query)
    while rows := cursor.fetchmany(BATCH):
        yield rows
