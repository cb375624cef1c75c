"""What one can ask of the statistics."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from typing import Final, NamedTuple

from projections.statistics.intervals import Interval
from projections.statistics.models import Dimension

DAY: Final = "day"
DIMENSIONS: Final = {
    "target_database": Dimension.TARGET,
    "restore_type": Dimension.TYPE,
    "trigger_type": Dimension.TRIGGER,
    "requested_by": Dimension.PERSON,
}
"""By what one can count and filter, named as in lists."""
BY: Final = (DAY, *DIMENSIONS)
MOST_DAYS: Final = 3_700
MOST_GROUPS: Final = 1_000
GROUPS: Final = 100
ALL_TIMES: Final = Interval()


class Then(NamedTuple):
    """A position of the log, and the scope of the table of restores there."""

    position: int
    scope: str


@dataclass(frozen=True)
class Question:
    """Which restores to count, and by what.

    `only` are filters: the value that a restore must have, by the name of the dimension. `by` is
    one of `BY`, or None for all together. Days are those of `zone`. At most `groups` groups are
    told, those with the most restores; days are all told. `backups` asks for the backups that were
    never restored or validated, too. `as_of` asks for what was known at a
    position; None is now.
    """

    interval: Interval = ALL_TIMES
    by: str | None = None
    only: Mapping[str, str] = field(default_factory=dict)
    zone: tzinfo = UTC
    groups: int = GROUPS
    longest: int = 10
    backups: bool = False
    as_of: Then | None = None


BOUNDS: Final = ("since", "until", "last")


def costly_parts(question: Question) -> list[str]:
    """The parts of a question for which its restores are counted one by one, as there are no sums.

    Named as the parameters of an answer.
    """
    if question.as_of is not None:
        return ["as_of"]
    by_value = question.by if question.by != DAY else None
    names = list(dict.fromkeys([*question.only, *([by_value] if by_value else [])]))
    if len(names) > 1:
        return names
    zoned = question.by == DAY and question.zone is not UTC
    return [*names, "tz"] if zoned and names else []
