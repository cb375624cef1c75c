"""`statistics`: success rate, durations and numbers of restores, for the terminal."""

from datetime import UTC, datetime, tzinfo
from typing import Any

from django.core.management.base import CommandParser
from rich.console import Group
from rich.text import Text

from api.management.arguments import OptionsDoNotFit, at_least
from api.management.base import Outcome, ServiceCommand, counted
from api.management.presentation import in_columns
from api.management.shell_zone import shell_zone, zone_name, zoned
from api.management.spoken_times import briefly
from infrastructure.printable import printable
from projections.consolidation.scope_in_force import scope_as_of
from projections.engine.catch_up import catch_up
from projections.history.as_of import position_as_of, time_meant
from projections.statistics.answer import answer
from projections.statistics.asking import interval_asked_for, zone_asked_for
from projections.statistics.errors import IntervalNotUnderstood
from projections.statistics.question import GROUPS, Question, Then

FILTERS = {
    "target": "target_database",
    "type": "restore_type",
    "trigger": "trigger_type",
    "user": "requested_by",
}
"""The options that choose restores, and the filters that they stand for."""
GROUPED = {**FILTERS, "day": "day"}
"""The words of `--by`, and what they stand for."""
COLUMNS = (
    "restores", "success", "completed", "partial", "failed", "cancelled", "running", "validated",
    "p50", "p95", "p99",
)  # fmt: skip


class Command(ServiceCommand):
    help = "Success rate, durations and numbers of restores, over an interval and by groups."

    def arguments(self, parser: CommandParser) -> None:
        add = parser.add_argument
        add("--since", metavar="TIME", help="restores that ended then or later: yesterday, 24h, "
            "2026-01-31; in your time zone unless the time names one")  # fmt: skip
        add("--until", metavar="TIME", help="restores that ended then or before; a day is included")
        add("--last", metavar="LENGTH", help="those of the last 24h, '30 days' or '2 weeks'")
        add("--tz", metavar="ZONE", help="the time zone of days and times (default: the shell's)")
        add("--by", choices=sorted(GROUPED), help="also by this, in groups")
        add("--target", metavar="NAME", help="only restores into this database")
        add("--type", metavar="WORD", help="only restores of this type")
        add("--trigger", metavar="WORD", help="only those triggered like this")
        add("--user", metavar="NAME", help="only those that this user asked for")
        add(
            "--as-of",
            metavar="POSITION_OR_TIME",
            help="what was known at a position of the log, or "
            "at a time by its clock, such as 2026-06-30T00:00:00Z; relative times end there, too",
        )
        add("--limit", type=at_least(1), default=GROUPS, metavar="N",
            help=f"the N groups with the most restores (default: {GROUPS})")  # fmt: skip

    def run(self, options: dict[str, Any]) -> Outcome:
        self.complain_of_stopped(catch_up())
        zone = shell_zone() if options["tz"] is None else self._zone(options["tz"])
        asked = {name: options[name] for name in ("since", "until", "last")}
        as_of, now = None, datetime.now(UTC)
        if options["as_of"] is not None:
            position = position_as_of(options["as_of"])
            as_of = Then(position, scope_as_of(position))
            now = time_meant(options["as_of"], position, now)
        try:
            interval = interval_asked_for(asked, now, zone)
        except IntervalNotUnderstood as error:
            raise OptionsDoNotFit(f"--{error.facts['parameter']}: {error}") from error
        question = Question(
            interval=interval,
            by=GROUPED[options["by"]] if options["by"] else None,
            only={FILTERS[name]: options[name] for name in FILTERS if options[name] is not None},
            zone=zone,
            groups=options["limit"],
            as_of=as_of,
        )
        result = answer(question, now)
        return Outcome(result) if options["json"] else Outcome(result, _page(result, zone, as_of))

    def _zone(self, name: str) -> tzinfo:
        try:
            return zone_asked_for(name)
        except IntervalNotUnderstood as error:
            raise OptionsDoNotFit(f"--tz: {error}") from error


def _page(result: dict[str, Any], zone: tzinfo, as_of: Then | None) -> Group:
    total = result["total"]
    lines = [_told(result["interval"], zone)]
    if as_of is not None:
        lines.append(Text(f"As known at position {as_of.position:,} of the log."))
    lines.append(Text())
    by = result["by"]
    rows = [["all", *_cells(total)]]
    rows += [[_name(one["value"]), *_cells(one)] for one in result.get("groups", ())]
    lines.append(in_columns([(by or "").upper() or "RESTORES OF", *COLUMNS], rows))
    if left_out := result.get("groups_left_out"):
        lines.append(Text(f"{counted(left_out, 'group')} with fewer restores: --limit shows more."))
    lines += [Text(), *map(Text, _apart(total))]
    if result["longest"]:
        lines += [Text(), Text("The longest:")]
        lines.append(
            in_columns(
                ["id", "duration", "target", "status", "name"],
                [
                    [
                        str(one["id"]),
                        briefly(one["duration_seconds"]),
                        printable(one["target_database"]),
                        printable(one["status"]),
                        printable(one["name"]),
                    ]
                    for one in result["longest"]
                ],
            )
        )
    return Group(*lines)


def _told(interval: dict[str, Any], zone: tzinfo) -> Text:
    since, before = (
        one and zoned(datetime.fromisoformat(one), zone)
        for one in (interval["since"], interval["before"])
    )
    parts = [f"from {since}" if since else "", f"to before {before}" if before else ""]
    told = " ".join(filter(None, parts)) or "of all times"
    return Text(f"Restores {told}, time zone {zone_name(zone)}")


def _cells(figures: dict[str, Any]) -> list[str]:
    durations = figures["durations"]
    return [
        f"{figures['restores']:,}",
        _percent(figures["success_rate"]),
        *(f"{figures[name]:,}" for name in ("completed", "partial", "failed", "cancelled")),
        f"{figures['running'] + figures['pending']:,}",
        _percent(figures["validation"]["rate"]),
        *("-" if durations[name] is None else briefly(round(durations[name]))
          for name in ("p50", "p95", "p99")),
    ]  # fmt: skip


def _apart(total: dict[str, Any]) -> list[str]:
    """What is in no rate, in a line each."""
    durations = total["durations"]
    lines = [
        f"Durations: {durations['measured']:,} measured, {durations['missing']:,} missing, "
        f"{durations['negative']:,} negative. Percentiles are within 1%."
    ]
    if total["unknown_statuses"]:
        told = ", ".join(f"{printable(word)} ({n:,})" for word, n in
                         total["unknown_statuses"].items())  # fmt: skip
        lines.append(f"Other statuses, in no rate: {told}.")
    return lines


def _percent(rate: float | None) -> str:
    return "-" if rate is None else f"{rate:.1%}"


def _name(value: str | None) -> str:
    return "-" if value is None else printable(value)
