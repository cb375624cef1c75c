"""The export of all rows that a certificate counts, as NDJSON, so that others can check it.

One line per row: `{"side": "host"|"projection", "table": …, "pk": …, "cells": […]}`. The rows of
each table are in order of their keys; rows of a host's table and of a projection may be mixed.
It contains all messages and names, so only its owner may read it.
"""

import json
import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Literal, NamedTuple, Self

import msgspec

from infrastructure.documents.signed import CannotWrite, begun, discard, partial, put_in_place
from infrastructure.output_files import Output, begins_with
from projections.verification.cells import Cells

Side = Literal["host", "projection"]


class Exported(NamedTuple):
    """A certificate's description of the file."""

    lines: int
    sha256: str


class RowLine(msgspec.Struct):
    side: Side
    table: str
    pk: int
    cells: Sequence[str]


class Export:
    """A file of rows: written under another name, and renamed when it is complete."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lines = 0
        self._sum = sha256()
        self._encode = msgspec.json.Encoder().encode
        self._beside = partial(path)
        self._exported: Exported | None = None
        try:
            self._file = begun(path, private=True)
        except OSError as error:
            raise CannotWrite(path, error) from error

    def add(
        self, side: Side, table: str, keys: Sequence[int], rows: Iterable[Sequence[str]]
    ) -> None:
        """Write rows with their `keys`."""
        lines = [
            self._line(RowLine(side, table, key, row)) for key, row in zip(keys, rows, strict=True)
        ]
        data = b"".join(lines)
        self.lines += len(lines)
        self._sum.update(data)
        try:
            self._file.write(data)
        except OSError as error:
            raise CannotWrite(self.path, error) from error

    def sync(self) -> None:
        """Flush the file to disk, so that `finish` need not wait for it."""
        try:
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            raise CannotWrite(self.path, error) from error

    def finish(self) -> Exported:
        """Flush the file and rename it. Does this only once: a step may be tried again."""
        if self._exported is None:
            try:
                put_in_place(self._file, self._beside, self.path)
            except OSError as error:
                raise CannotWrite(self.path, error) from error
            self._file.close()
            self._exported = Exported(self.lines, self._sum.hexdigest())
        return self._exported

    def _line(self, line: RowLine) -> bytes:
        try:
            return self._encode(line) + b"\n"
        except UnicodeEncodeError:
            # Text of a host that is not UTF-8: invalid bytes become JSON escapes.
            return json.dumps(msgspec.to_builtins(line), separators=(",", ":")).encode() + b"\n"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        with suppress(OSError):
            # On a full disk closing fails again. The first error was reported already.
            self._file.close()
        discard(self._beside)


def rows_output(path: Path) -> Output:
    """The file of rows to write; it does not replace another kind of file."""
    return Output("export", path, "file of rows", begins_with(b'{"side":'))


def rows_of(columns: Sequence[Cells]) -> Iterable[tuple[str, ...]]:
    """Columns of cells as rows of cells."""
    return zip(*columns, strict=True)
