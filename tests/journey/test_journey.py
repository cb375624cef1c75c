"""Cut over, prove it, take it back, and end it, with a host that writes all the time."""

from tests.journey.journey import Journey
from tests.journey.stage import Stage


def test_nothing_is_lost_or_invented_on_the_whole_journey(stage: Stage):
    Journey(stage).whole()
