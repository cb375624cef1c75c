"""CSV by RFC 4180: the first line has the names, lines end in CR LF.

Numbers, times and booleans stand bare, texts in quotes. NULL is an empty cell without quotes,
empty text one with them.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import IO, Any

from infrastructure.exports.cells import harmless
from infrastructure.exports.columns import FileColumn

MEDIA_TYPE = "text/csv; charset=utf-8; header=present"


class CSVFile:
    """Writes rows to an open binary file. What the file is (`about`) cannot be said in CSV."""

    def __init__(
        self, file: IO[bytes], columns: Sequence[FileColumn], about: Mapping[str, str]
    ) -> None:
        self.file = file
        self.add([[column.name for column in columns]])

    def add(self, rows: Iterable[Sequence[Any]]) -> None:
        """Write these rows, given as Python values in the order of the columns."""
        text = "".join(f"{','.join(map(_cell, row))}\r\n" for row in rows)
        self.file.write(text.encode())

    def finish(self) -> None:
        """Does nothing: a CSV file has no end of its own."""

    def close(self) -> None:
        """Does nothing."""


def _cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case str():
            return f'"{harmless(value).replace(chr(34), chr(34) * 2)}"'
        case bool():
            return "true" if value else "false"
        case datetime():
            return value.isoformat().replace("+00:00", "Z")
        case _:
            return str(value)
