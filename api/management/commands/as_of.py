"""`as_of`: a table as of a position or a time, as NDJSON."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any

import msgspec
from django.core.management.base import CommandParser

from api.management.base import Outcome, ServiceCommand
from infrastructure.documents.signed import CannotWrite, begun, discard, partial, put_in_place
from infrastructure.output_files import Output, begins_with, refuse_overwriting
from infrastructure.printable import printable
from projections.history.as_of import position_as_of, replayable, rows_as_of


class Command(ServiceCommand):
    help = (
        "Write a projection's table as of a position or a time, one JSON object per row, in order "
        "of id. A time means when events were recorded, not when they happened."
    )

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "moment",
            metavar="POSITION_OR_TIME",
            help="a position of the log, or a time like 2026-06-30T00:00:00Z; without an offset "
            "it is UTC; or now",
        )
        parser.add_argument("label", metavar="LABEL", help=f"one of {', '.join(replayable())}")
        parser.add_argument(
            "--out",
            type=Path,
            metavar="FILE",
            help="where to write it (default: stdout); an existing table is replaced",
        )

    def run(self, options: dict[str, Any]) -> Outcome:
        out: Path | None = options["out"]
        if out is not None:
            refuse_overwriting([Output("out", out, "table as NDJSON", begins_with(b'{"id":'))])
        position = position_as_of(options["moment"])
        rows = rows_as_of(options["label"], position)
        if out is None:
            # The rows are the output; another object would be read as a row.
            options["json"] = False
            _write(rows, sys.stdout.buffer)
            return Outcome({})
        # If the file exists, it is complete.
        beside = partial(out)
        try:
            with begun(out, private=True) as file:
                count = _write(rows, file)
                put_in_place(file, beside, out)
        except OSError as error:
            raise CannotWrite(out, error) from error
        finally:
            discard(beside)
        return Outcome(
            {"position": position, "rows": count, "file": str(out)},
            f"{count:,} rows as of position {position:,} in {printable(str(out))}",
        )


def _write(rows: Iterable[dict[str, Any]], file: IO[bytes]) -> int:
    count = 0
    for count, row in enumerate(rows, start=1):  # noqa: B007
        file.write(msgspec.json.encode(row) + b"\n")
    return count
