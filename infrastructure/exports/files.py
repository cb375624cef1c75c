"""An export as a file: written row by row, then read in pieces, and gone when it is closed.

It has no name, so nothing of it is left when the process dies.
"""

from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from os import fstatvfs
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any, Final, Protocol
from weakref import finalize

from domain.errors import RestoreLogError
from infrastructure.exports import csv_file, ndjson_file, parquet_file
from infrastructure.exports.columns import FileColumn

ROWS_AT_A_TIME: Final = 500
CHARACTERS_AT_A_TIME: Final = 1_000_000
"""Rows that are formatted together: fewer if they have long texts."""
PIECE: Final = 65_536
"""Bytes that are read at a time."""
LEFT_FREE: Final = 256 * 1024 * 1024
"""Bytes of the disk that an export does not take: the database may be on it."""


class NoRoomForExport(RestoreLogError):
    code = "no_room_for_export"

    def __init__(self, folder: Path, why: str) -> None:
        super().__init__(
            f"The export could not be written to {folder}: {why}. Ask for fewer rows, or set "
            "EXPORT_FOLDER to a folder with more room."
        )


class Writer(Protocol):
    """Writes rows in one format."""

    def __init__(
        self, file: IO[bytes], columns: Sequence[FileColumn], about: Mapping[str, str]
    ) -> None: ...

    def add(self, rows: Sequence[Sequence[Any]]) -> None:
        """Write these rows: at least one, as Python values in the order of the columns."""

    def finish(self) -> None:
        """Write what waits, and the file's end."""

    def close(self) -> None:
        """Let go of all but the file, be it finished or not."""


WRITERS: Final[Mapping[str, type[Writer]]] = {
    "csv": csv_file.CSVFile,
    "ndjson": ndjson_file.NDJSONFile,
    "parquet": parquet_file.ParquetFile,
}
"""The formats, by their names."""
MEDIA_TYPES: Final = {
    "csv": csv_file.MEDIA_TYPE,
    "ndjson": ndjson_file.MEDIA_TYPE,
    "parquet": parquet_file.MEDIA_TYPE,
}


@dataclass
class ExportedFile:
    """A complete export; `digest` is the SHA-256 of its bytes."""

    file: IO[bytes]
    rows: int
    size: int
    digest: bytes

    def __post_init__(self) -> None:
        # Whoever asked may have gone before there was anything to send.
        finalize(self, self.file.close)

    @property
    def repr_digest(self) -> str:
        """The digest as the header `Repr-Digest` has it (RFC 9530)."""
        return f"sha-256=:{b64encode(self.digest).decode()}:"

    def pieces(self) -> Iterator[bytes]:
        """The bytes, from the beginning."""
        self.file.seek(0)
        while piece := self.file.read(PIECE):
            yield piece

    def close(self) -> None:
        """Remove it."""
        self.file.close()


def write_export(
    kind: str,
    columns: Sequence[FileColumn],
    rows: Iterable[Sequence[Any]],
    about: Mapping[str, str],
    folder: Path,
) -> ExportedFile:
    """Write all of these rows to a file in this folder.

    Raises `NoRoomForExport` and `ExportFailed`.
    """
    try:
        file: IO[bytes] = TemporaryFile(prefix="restore-log-", dir=folder)  # noqa: SIM115
    except OSError as error:
        raise NoRoomForExport(folder, error.strerror or str(error)) from error
    try:
        count = 0
        with closing(WRITERS[kind](file, columns, about)) as writer:
            for some in _batches(rows):
                writer.add(some)
                count += len(some)
                _refuse_a_full_disk(file, folder)
            writer.finish()
        digest, size = _digest(file)
    except OSError as error:
        file.close()
        raise NoRoomForExport(folder, error.strerror or str(error)) from error
    except BaseException:
        file.close()
        raise
    return ExportedFile(file, count, size, digest)


def _batches(rows: Iterable[Sequence[Any]]) -> Iterator[list[Sequence[Any]]]:
    some: list[Sequence[Any]] = []
    characters = 0
    for row in rows:
        some.append(row)
        characters += sum(len(value) for value in row if isinstance(value, str))
        if len(some) == ROWS_AT_A_TIME or characters >= CHARACTERS_AT_A_TIME:
            yield some
            some, characters = [], 0
    if some:
        yield some


def _refuse_a_full_disk(file: IO[bytes], folder: Path) -> None:
    disk = fstatvfs(file.fileno())
    if disk.f_bavail * disk.f_frsize < LEFT_FREE:
        raise NoRoomForExport(folder, f"less than {LEFT_FREE // 1024**2} MB are left there")


def _digest(file: IO[bytes]) -> tuple[bytes, int]:
    """The SHA-256 of the whole file, and its size."""
    file.seek(0)
    digest, size = sha256(), 0
    while piece := file.read(PIECE):
        digest.update(piece)
        size += len(piece)
    return digest.digest(), size
