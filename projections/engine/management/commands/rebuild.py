"""`rebuild`: replay the log into new generations, and switch to them."""

from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandParser
from rich.text import Text

from infrastructure.commands import Command as BaseCommand
from infrastructure.commands import Outcome
from projections.engine.rebuild import Rebuilt, rebuild
from projections.engine.telling import in_columns

LIVE_TABLE = {None: "is gone or broken", True: "reads otherwise", False: "reads the same"}


class Command(BaseCommand):
    help = (
        "Replay the log into new tables beside the live ones, then switch to them at once. "
        "Readers see the old tables until then. Killed at any moment, it can be run again."
    )
    changes_something = True

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "labels", nargs="*", metavar="LABEL", help="projections to rebuild (default: all)"
        )
        parser.add_argument(
            "--workers",
            type=int,
            default=None,
            help="how many processes share the work (default: one for each processor, if the "
            "log is long enough for that to pay)",
        )

    def run(self, options: dict[str, Any]) -> Outcome:
        with self.progress("Rebuilding") as tick:
            rebuilt = rebuild(
                options["labels"],
                dry_run=options["dry_run"],
                progress=tick,
                workers=options["workers"],
            )
        return Outcome(_result(rebuilt, options["dry_run"]), _text(rebuilt, options["dry_run"]))


def _result(rebuilt: Rebuilt, dry_run: bool) -> dict[str, Any]:
    projections = {label: asdict(result) for label, result in rebuilt.projections.items()}
    if not dry_run:
        for result in projections.values():
            del result["changes"]
    return {"projections": projections, "position": rebuilt.position}


def _text(rebuilt: Rebuilt, dry_run: bool) -> Text:
    names = ["projection", "events", "rows", "withheld", "seconds", "digest"]
    rows = []
    for label, result in rebuilt.projections.items():
        counts = (f"{count:,}" for count in (result.events, result.rows, result.withheld))
        rows.append([label, *counts, f"{result.seconds:.1f}", result.digest])
        if dry_run:
            rows[-1].append(LIVE_TABLE[result.changes])
    done = "Would be rebuilt" if dry_run else "Rebuilt"
    text = Text(f"{done} from the log up to position {rebuilt.position:,}\n")
    return text.append(in_columns([*names, "live table"] if dry_run else names, rows))
