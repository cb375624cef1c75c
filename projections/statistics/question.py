"""What one can ask of the statistics."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from typing import Final

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


@dataclass(frozen=True)
class Question:
    """Which restores to count, and by what.

    `only` are filters: the value that a restore must have, by the name of the dimension. `by` is
    one of `BY`, or None for all together. Days are those of `zone`. At most `groups` groups are
    told, those with the most restores; days are all told.
    """

    interval: Interval = ALL_TIMES
    by: str | None = None
    only: Mapping[str, str] = field(default_factory=dict)
    zone: tzinfo = UTC
    groups: int = GROUPS
    longest: int = 10
