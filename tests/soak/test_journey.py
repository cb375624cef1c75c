"""The whole journey of a host of hundreds of thousands of rows that writes all the time."""

import pytest

from tests.journey.journey import Journey
from tests.journey.stage import Stage
from tests.soak.parameters import ROWS

pytestmark = pytest.mark.soak


def test_nothing_is_lost_or_invented_on_the_whole_journey(stage: Stage, found):
    journey = Journey(stage)
    journey.whole()
    found(
        "the whole journey",
        stage.vendor,
        f"{ROWS:,} rows in each restore table, a host that writes all the time and "
        f"{len(stage.said):,} writes acknowledged here; {journey.looked} times all four tables "
        "were compared row by row with an independent computation, the last time with a host "
        "that had lost its legacy tables, and were equal",
    )
