"""`as_of`: a table as it stood at a position or a time, as NDJSON."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
from django.core.management.base import CommandParser

from infrastructure.commands import Command as BaseCommand
from infrastructure.commands import Outcome
from projections.engine.as_of import position_of, rows_as_of


class Command(BaseCommand):
    help = (
        "Write a projection's table as it stood then, one JSON object per row, in order of id. "
        "A time is the log's own: when it learned of an event, not when that happened."
    )

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("moment", metavar="POSITION_OR_TIME")
        parser.add_argument("label", metavar="LABEL")
        parser.add_argument("--out", type=Path, metavar="FILE", help="default: stdout")

    def run(self, options: dict[str, Any]) -> Outcome:
        position = position_of(options["moment"])
        rows = rows_as_of(options["label"], position)
        out: Path | None = options["out"]
        if out is None:
            # The rows are the output; one object more would be taken for a row.
            options["json"] = False
            _write(rows, sys.stdout.buffer)
            return Outcome({})
        # A file that is there is a whole one.
        partial = out.with_name(f"{out.name}.partial")
        try:
            with partial.open("wb") as file:
                count = _write(rows, file)
            partial.replace(out)
        finally:
            partial.unlink(missing_ok=True)
        return Outcome(
            {"position": position, "rows": count, "file": str(out)},
            f"{count:,} rows as of position {position:,} in {out}",
        )


def _write(rows: Iterable[dict[str, Any]], file: BinaryIO) -> int:
    count = 0
    for count, row in enumerate(rows, start=1):  # noqa: B007
        file.write(msgspec.json.encode(row) + b"\n")
    return count
