"""`statistics`: success rate, durations and numbers of restores, for the terminal."""

from datetime import UTC, datetime
from typing import Any

from django.core.management.base import CommandParser

from api.management.arguments import at_least
from api.management.base import Outcome, ServiceCommand
from api.management.spoken_times import interval_of, zone_option
from api.management.statistics_page import statistics_page
from projections.consolidation.scope_in_force import scope_as_of
from projections.engine.catch_up import catch_up
from projections.history.as_of import position_as_of, time_meant
from projections.statistics.answer import answer
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
        add("--backups", action="store_true", help="also the backups made in the interval: how "
            "many were never restored, and never validated")  # fmt: skip
        add("--limit", type=at_least(1), default=GROUPS, metavar="N",
            help=f"the N groups with the most restores (default: {GROUPS})")  # fmt: skip

    def run(self, options: dict[str, Any]) -> Outcome:
        self.complain_of_stopped(catch_up())
        zone = zone_option(options)
        as_of, now = None, datetime.now(UTC)
        if options["as_of"] is not None:
            position = position_as_of(options["as_of"])
            as_of = Then(position, scope_as_of(position))
            now = time_meant(options["as_of"], position, now)
        question = Question(
            interval=interval_of(options, now, zone),
            by=GROUPED[options["by"]] if options["by"] else None,
            only={FILTERS[name]: options[name] for name in FILTERS if options[name] is not None},
            zone=zone,
            groups=options["limit"],
            backups=options["backups"],
            as_of=as_of,
        )
        result = answer(question, now)
        return (
            Outcome(result)
            if options["json"]
            else Outcome(result, statistics_page(result, zone, as_of))
        )
