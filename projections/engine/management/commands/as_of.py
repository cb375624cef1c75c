"""`as_of`: a table as it stood at a position or a time, as NDJSON."""

import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Any

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
        out: Path | None = options["out"]
        count = 0
        with out.open("wb") if out else nullcontext(sys.stdout.buffer) as file:
            for row in rows_as_of(options["label"], position):
                file.write(msgspec.json.encode(row) + b"\n")
                count += 1
        if out is None:
            # The rows are the output; one object more would be taken for a row.
            options["json"] = False
            return Outcome({})
        return Outcome(
            {"position": position, "rows": count, "file": str(out)},
            f"{count:,} rows as of position {position:,} in {out}",
        )
