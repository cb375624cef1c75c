"""`statistics`: success rate, durations and numbers of restores, for the terminal."""

from datetime import UTC, datetime
from typing import Any

from django.core.management.base import CommandParser

from api.client.commands.statistics import FILTERS, GROUPED, add_question_arguments
from api.management.arguments import at_least
from api.management.base import Outcome, ServiceCommand
from api.management.spoken_times import interval_of, zone_option
from api.management.statistics_page import statistics_page
from projections.consolidation.scope_in_force import scope_as_of
from projections.engine.catch_up import catch_up
from projections.history.as_of import position_as_of, time_meant
from projections.statistics.answer import answer
from projections.statistics.question import GROUPS, Question, Then


class Command(ServiceCommand):
    help = "Success rate, durations and numbers of restores, over an interval and by groups."

    def arguments(self, parser: CommandParser) -> None:
        add_question_arguments(parser)
        add = parser.add_argument
        add("--tz", metavar="ZONE", help="the time zone of days and times (default: the shell's)")
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
