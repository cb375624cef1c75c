"""The options of `restores` that choose rows. They are REST's filters, and mean the same."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandParser
from django.db.models import QuerySet

from api.management.arguments import OptionsDoNotFit
from api.management.shell_zone import zoned
from api.management.spoken_times import read_spoken
from api.v1.filters.extra import PREFIX, having_extra, is_extra
from api.v1.filters.interval import NAMES as INTERVAL
from api.v1.filters.kinds import TimeFilter
from api.v1.filters.vocabulary import notes_on_words
from api.v1.restores.filters import BY_INTERVAL, LegacyRestoreFilters, RestoreFilters
from api.v1.restores.present import NAME as PRESENT
from projections.database_management.models import RestoreLog as LegacyRestoreLog
from projections.history.words import nearest
from projections.mapping.counting_moment import COUNTS_AT
from projections.system_backups.models import RestoreLog

PARAMETER_OF = {
    "status": "status",
    "target": "target_database",
    "user": "created_by_username",
    "search": "search",
    "since": "since",
    "until": "until",
    "last": "last",
}
"""The options, and the parameters of REST that they stand for."""

BOUNDS = ("since", "until")
"""Parameters that take times as people write them."""

NAMED_IN_NOTES = {
    "target_database": "target_database",
    "created_by_username": "created_by_username",
}
"""Further columns whose words a note explains if no row has them."""


def add_filters(parser: CommandParser) -> None:
    """The options that choose rows."""
    add = parser.add_argument
    add("--failed", action="store_true", help="only those that failed: --status failed")
    add("--status", metavar="WORD", help="only those with this status; several with commas")
    add("--target", metavar="NAME", help="only those into this database")
    add("--user", metavar="NAME", help="only those that this user created")
    add(
        "--search",
        metavar="WORDS",
        help="each word in the name, message, target, user or attributes",
    )
    add("--since", metavar="TIME", help="ended then or later, or started then or later and still "
        "running: yesterday, 24h, '2 days ago', 22:30, 2026-01-31; in your time zone unless the "
        "time names one. By when it was requested: --filter created_at_after=TIME")  # fmt: skip
    add("--until", metavar="TIME", help="the same, then or before; a day is included")
    add("--last", metavar="LENGTH", help="the same, in the last 24h, '30 days', '2 weeks'")
    add("--attribute", action="append", default=[], metavar="NAME=VALUE",
        help="only those with this attribute, or this further column of the host")  # fmt: skip
    add("--filter", action="append", default=[], metavar="NAME=VALUE",
        help="any other filter of REST, such as restore_type=files or "
        "duration_seconds_min=3600")  # fmt: skip
    add("--legacy", action="store_true", help="the host's legacy table in place of the "
        "consolidated one")  # fmt: skip


@dataclass(frozen=True)
class Wish:
    """One filter: as it was typed, and as REST has it. `told` is how it was understood."""

    typed: str
    parameter: str
    value: str
    told: str = ""


class RestoreChoice:
    """The rows that the options of a command line choose. Raises `OptionsDoNotFit`."""

    def __init__(self, options: dict[str, Any], zone: tzinfo) -> None:
        legacy = options["legacy"]
        self.model: Any = LegacyRestoreLog if legacy else RestoreLog
        self.filters: Any = LegacyRestoreFilters if legacy else RestoreFilters
        self.zone, self.now = zone, datetime.now(UTC)
        self.wishes = list(self._wishes(options))
        names = [one.parameter for one in self.wishes]
        for wish in self.wishes:
            if names.count(wish.parameter) > 1:
                raise OptionsDoNotFit(f"{wish.typed}: {wish.parameter} is given twice.")
        self.rows = self.chosen(self.wishes)
        self.ordering = BY_INTERVAL if set(names) & set(INTERVAL) else ("-created_at",)
        """REST's, the newest first."""

    def chosen(self, wishes: list[Wish]) -> QuerySet[Any]:
        """The rows that fit these wishes."""
        plain = {one.parameter: one.value for one in wishes if not is_extra(one.parameter)}
        form = self.filters(plain, queryset=self.model.objects.annotate(counts_at=COUNTS_AT))
        if not form.is_valid():
            parameter, messages = next(iter(form.errors.items()))
            typed = next(one.typed for one in wishes if one.parameter == parameter)
            raise OptionsDoNotFit(f"{typed}: {messages[0]}")
        rows: QuerySet[Any] = form.qs
        for one in wishes:
            if is_extra(one.parameter):
                try:
                    rows = having_extra(rows, one.parameter, one.value)
                except ValidationError as error:
                    raise OptionsDoNotFit(f"{one.typed}: {error.messages[0]}") from error
        return rows

    def notes(self, *, empty: bool) -> list[dict[str, Any]]:
        """REST's notes on words that no row has, and those on the target and the user."""
        words = {**self.filters.open_words, **NAMED_IN_NOTES}
        asked = {one.parameter: one.value for one in self.wishes}
        return notes_on_words(self.model, words, asked, empty=empty)

    def _wishes(self, options: dict[str, Any]) -> Iterator[Wish]:
        if options["failed"]:
            if options["status"] is not None:
                raise OptionsDoNotFit("--failed is --status failed: give one of them.")
            yield Wish("--failed", "status", "failed")
        for name, parameter in PARAMETER_OF.items():
            value = options[name]
            if value is not None:
                several = name == "status" and "," in value
                yield self._wish(f"--{name}", "status_in" if several else parameter, value)
        for option, prefix in (("attribute", PREFIX), ("filter", "")):
            for text in options[option]:
                name, equals, value = text.partition("=")
                if not (name and equals):
                    raise OptionsDoNotFit(f"--{option} {text}: give NAME=VALUE.")
                yield self._wish(f"--{option} {name}", f"{prefix}{name}", value, sign="=")

    def _wish(self, option: str, parameter: str, value: str, *, sign: str = " ") -> Wish:
        typed = f"{option}{sign}{value}"
        known = self.filters.base_filters
        if parameter == PRESENT:
            raise OptionsDoNotFit(
                f"{typed}: a list of rows that are not in the table is there over REST only."
            )
        if parameter not in known and not is_extra(parameter):
            raise OptionsDoNotFit(
                f"{typed}: there is no filter {parameter!r}. The nearest is "
                f"{nearest(parameter, known)!r}; the others are REST's."
            )
        if not isinstance(known.get(parameter), TimeFilter) and parameter not in BOUNDS:
            return Wish(typed, parameter, value)
        end = parameter == "until" or parameter.endswith("_before")
        moment = read_spoken(option, value, self.now, self.zone, end=end)
        return Wish(typed, parameter, moment.isoformat(), zoned(moment, self.zone))
