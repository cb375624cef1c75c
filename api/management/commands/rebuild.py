"""`rebuild`: replay the log into new generations, and switch to them."""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from rich.text import Text

from api.management.arguments import OptionsDoNotFit, at_least
from api.management.base import Outcome, ServiceCommand, counted
from api.management.presentation import in_columns
from api.management.search_indexes import search_lines, search_shown
from infrastructure.event_store.log import Log
from infrastructure.printable import printable
from projections.engine.cluster.address import SchedulerAddress
from projections.engine.rebuild import Rebuilt, rebuild
from projections.engine.rebuild_diff import RebuildDiff
from projections.excerpts import one_line_value
from projections.services.lost_events import refuse_lost_events

TLS_FILES = {
    "--tls-ca-file": "the certificate that signed all others of the cluster",
    "--tls-cert": "the certificate of this command",
    "--tls-key": "its key",
}
"""Options, named as those of `dask scheduler` and `dask worker`."""


class Command(ServiceCommand):
    help = (
        "Replay the log into new tables beside the live ones, then switch to them at once. "
        "Readers see the old tables until then. If it is killed, it can simply be run again."
    )
    changes_something = True

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "labels", nargs="*", metavar="LABEL", help="projections to rebuild (default: all)"
        )
        who = parser.add_mutually_exclusive_group()
        who.add_argument(
            "--workers",
            type=at_least(1),
            metavar="N",
            help="how many processes share the work (default: one per processor if the log is "
            "long, else one)",
        )
        who.add_argument(
            "--scheduler",
            metavar="URL",
            help="share the work with the workers of this Dask scheduler: tls://host:8786, or on "
            "this machine tcp://127.0.0.1:8786",
        )
        for option, what in TLS_FILES.items():
            parser.add_argument(option, type=Path, metavar="FILE", help=f"for tls://: {what}")

    def run(self, options: dict[str, Any]) -> Outcome:
        if not options["dry_run"]:
            refuse_lost_events(Log())
        with self.progress("Rebuilding") as tick:
            rebuilt = rebuild(
                options["labels"],
                dry_run=options["dry_run"],
                progress=tick,
                workers=options["workers"],
                scheduler=_scheduler(options),
            )
        return Outcome(_result(rebuilt, options["dry_run"]), _text(rebuilt, options["dry_run"]))


def _scheduler(options: dict[str, Any]) -> SchedulerAddress | None:
    url = options["scheduler"]
    files = [options[option.lstrip("-").replace("-", "_")] for option in TLS_FILES]
    if any(files) and not (url or "").startswith("tls://"):
        raise OptionsDoNotFit(f"{', '.join(TLS_FILES)} are for --scheduler tls://….")
    if url is None:
        return None
    return SchedulerAddress(url, *files)


def _result(rebuilt: Rebuilt, dry_run: bool) -> dict[str, Any]:
    projections = {label: asdict(result) for label, result in rebuilt.projections.items()}
    if not dry_run:
        for result in projections.values():
            del result["changes"]
    found = {"projections": projections, "position": rebuilt.position}
    return found if dry_run else {**found, "search": search_shown(rebuilt.search)}


def _text(rebuilt: Rebuilt, dry_run: bool) -> Text:
    names = ["projection", "events", "rows", "withheld", "seconds", "digest"]
    rows = []
    for label, result in rebuilt.projections.items():
        counts = (f"{count:,}" for count in (result.events, result.rows, result.withheld))
        rows.append([label, *counts, f"{result.seconds:.1f}", result.digest])
        if dry_run:
            rows[-1].append(_live_table(result.changes))
    done = "Would be rebuilt" if dry_run else "Rebuilt"
    text = Text(f"{done} from the log up to position {rebuilt.position:,}\n")
    text.append(in_columns([*names, "live table"] if dry_run else names, rows))
    text.append("".join(f"\n{line}" for line in search_lines(rebuilt.search)))
    for label, result in rebuilt.projections.items():
        if result.changes is not None:
            text.append(
                "".join(f"\n{printable(line)}" for line in _differences(label, result.changes))
            )
    return text


def _live_table(changes: RebuildDiff | None) -> str:
    if changes is None:
        return "is gone or broken"
    if not changes.rows:
        return "reads the same"
    counts = {
        "appear": changes.appear,
        "disappear": changes.disappear,
        "change": changes.change,
    }
    return "rows that would " + ", ".join(f"{how}: {n:,}" for how, n in counts.items() if n)


def _differences(label: str, changes: RebuildDiff) -> Iterator[str]:
    now, then = changes.version_now, changes.version_then
    if now != then:
        what = counted(changes.rows, "row") if changes.rows else "no row"
        yield f"{label}: version {then} of the mapping instead of {now} would change {what}"
    for one in changes.differences:
        if one.column is not None:
            values = f"{one_line_value(one.now)} → {one_line_value(one.then)}"
            yield f"{label} {one.pk} {one.column}: {values}"
        else:
            yield f"{label} {one.pk} would {'appear' if one.now is None else 'disappear'}"
    more = changes.rows - len({one.pk for one in changes.differences})
    if more > 0:
        yield f"{label}: … and {counted(more, 'more row')}"
