"""NDJSON: one JSON object a line."""

from collections.abc import Iterable, Mapping, Sequence
from typing import IO, Any

import msgspec

from infrastructure.exports.columns import FileColumn

MEDIA_TYPE = "application/x-ndjson"

_encode = msgspec.json.Encoder().encode_into


class NDJSONFile:
    """Writes rows to an open binary file; columns that hold JSON are objects in it.

    Each line is a row, so what the file is (`about`) is not in it.
    """

    def __init__(
        self, file: IO[bytes], columns: Sequence[FileColumn], about: Mapping[str, str]
    ) -> None:
        self.file = file
        self.names = [column.name for column in columns]
        self.json = [number for number, column in enumerate(columns) if column.kind == "json"]
        self.line = bytearray()

    def add(self, rows: Iterable[Sequence[Any]]) -> None:
        """Write these rows, given as Python values in the order of the columns."""
        for row in rows:
            values = list(row)
            for number in self.json:
                if values[number] is not None:
                    values[number] = msgspec.Raw(values[number].encode())
            _encode(dict(zip(self.names, values, strict=True)), self.line)
            self.file.write(self.line)
            self.file.write(b"\n")

    def finish(self) -> None:
        """Does nothing: an NDJSON file has no end of its own."""

    def close(self) -> None:
        """Does nothing."""
