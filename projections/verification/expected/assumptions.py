"""Counts of the assumptions about the host's rows, for the certificate and for people.

They are counted on the host's own rows, or, after its legacy tables were retired, on the log's
record of them. An amendment does not change an assumption.
"""

import re
from collections import Counter
from collections.abc import Collection, Mapping
from functools import lru_cache, partial
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from domain.backups.events import HostBackupRow
from domain.consolidation.values import ColumnChoices
from domain.restores.events import HostRow
from projections.verification.cells import Values, written_moment
from projections.verification.expected.schema import TABLES, ExpectedTable
from projections.verification.expected.sources import assumed_value, first_logged, sources_for

TARGET = "target_database"
FIRST_OF_TWO = "the earlier instant"
"""The assumption about a local time that occurred twice or never."""

_OFFSET = re.compile(r"(Z|[+-][0-9:]+)$")
_TIMES = {
    rule.column for table in TABLES.values() for rule in table.rules if rule.holds.kind == "time"
}


class Assumption(NamedTuple):
    """How many rows of a host's table are assumed to have this value in a column."""

    table: str
    column: str
    value: str | bool
    rows: int

    def __str__(self) -> str:
        said = str(self.value).lower() if isinstance(self.value, bool) else repr(self.value)
        rows = "1 row" if self.rows == 1 else f"{self.rows:,} rows"
        return f"`{self.column}` assumed {said} in {rows} of {self.table}"


class Suppositions:
    """The counts of one of the host's tables."""

    def __init__(self, of: ExpectedTable) -> None:
        self.of = of
        self.assumed: Counter[tuple[str, str | bool]] = Counter()
        self.empty_targets = 0

    def host_rows(
        self,
        choices: ColumnChoices | None,
        there: Collection[str],
        said: Mapping[str, Values],
        local: Mapping[str, ZoneInfo],
        size: int,
    ) -> None:
        """Count a batch: the host's values by target, and the zone of its local times."""
        for column, value in missing(self.of, choices, there) if size else ():
            self.assumed[column, value] += size
        for column, zone in local.items():
            twice = sum(map(partial(_is_ambiguous, zone), said[column]))
            if twice:
                self.assumed[column, FIRST_OF_TWO] += twice
        if TARGET in said:
            self.empty_targets += said[TARGET].count("")

    def logged_row(self, event: HostRow | HostBackupRow) -> None:
        """Count a row in the form of the log."""
        for column, value in event.assumed.items():
            if isinstance(value, bool | str) and column not in _TIMES:
                self.assumed[column, value] += 1
            else:
                self.assumed[column, FIRST_OF_TWO] += 1
        if isinstance(event, HostRow):
            names = event.sources.get(TARGET, (TARGET,))
            self.empty_targets += first_logged(event.columns, names) == ""

    def assumptions(self) -> list[Assumption]:
        return [
            Assumption(self.of.label, column, value, rows)
            for (column, value), rows in sorted(self.assumed.items(), key=str)
        ]


def missing(
    of: ExpectedTable, choices: ColumnChoices | None, there: Collection[str]
) -> list[tuple[str, str | bool]]:
    """The assumptions about every row of a table because the host has no column for it."""
    found = []
    for table in TABLES.values():
        for rule in table.rules:
            value = assumed_value(rule, of.origin)
            if table.subject != of.subject or value is None:
                continue
            if not sources_for(rule, of, choices, there):
                found.append((rule.column, value))
    return found


@lru_cache(maxsize=100_000)
def _is_ambiguous(zone: ZoneInfo, value: Any) -> bool:
    """Whether a value is a local time that occurred twice, or never."""
    if not isinstance(value, str) or _OFFSET.search(value):
        return False
    moment = written_moment(value)
    if moment is None:
        return False
    moment = moment.replace(tzinfo=zone)
    return moment.utcoffset() != moment.replace(fold=1).utcoffset()
