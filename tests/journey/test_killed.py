"""A cut-over or a roll-back that is killed has happened, or has not; the next run completes it."""

import pytest

from tests.journey.killing import Steps


@pytest.mark.parametrize(
    ("cutting", "rolling"),
    [
        ("importing", "catch_up"),
        ("saving", "switch"),
        ("verify", "prepare"),
        ("certified", "done"),
        ("done", "commit"),
    ],
)
def test_a_step_killed_in_any_phase_is_whole_or_undone_and_can_be_completed(
    steps: Steps, cutting: str, rolling: str
):
    steps.write()
    assert steps.killed_in("cut_over", cutting), "it ended before it came to this phase"
    assert steps.state() == ("cut_over" if cutting == "done" else "imported")
    steps.complete("cut_over", "imported", "cut_over")

    steps.write()
    assert steps.killed_in("roll_back", rolling), "it ended before it came to this phase"
    assert steps.state() == ("rolled_back" if rolling == "done" else "cut_over")
    steps.complete("roll_back", "cut_over", "rolled_back")
    steps.assert_nothing_left()
