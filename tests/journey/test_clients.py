"""Eight clients read and four write through a cut-over, a roll-back and a cut-over."""

from tests.journey.clients import assert_nothing_lost, assert_one_generation_each, clients
from tests.journey.stage import Stage

STEPS = ("cut_over", "roll_back", "cut_over")


def test_no_read_fails_each_is_of_one_generation_and_no_write_is_lost(small: Stage):
    with clients(small) as working:
        for step in STEPS:
            small.manage(step, "--yes", "--json")
            working.go_on()
    assert_one_generation_each(small, working)
    assert_nothing_lost(small, "all")
