"""A step whose database is lost at any moment was taken or was not, says so, and leaves no file."""

import pytest

from tests.journey.killing import AFTER, Steps

MOMENTS = {
    "cut_over": ("importing", "saving", "load", "verify", "certified", "commit", "done"),
    "roll_back": ("catch_up", "switch", "commit"),
}
"""Ten of them; the long runs have a hundred."""


@pytest.mark.parametrize("step", MOMENTS)
def test_a_step_that_loses_its_database_is_whole_or_undone_and_leaves_no_file(
    steps: Steps, step: str
):
    if step == "roll_back":
        steps.take("cut_over")
    for phase in MOMENTS[step]:
        before = steps.state()
        steps.write()
        result = steps.lost_in(step, phase)
        steps.assert_told(result)
        steps.assert_only_named_files()
        state = steps.state()
        assert state in (before, AFTER[step])
        if result.code == 0:
            assert state == AFTER[step]
        elif "The step was" in result.err:
            assert ("not recorded" in result.err) == (state == before), (phase, result.err)
        if state == AFTER[step] and phase != MOMENTS[step][-1]:
            steps.take("roll_back" if step == "cut_over" else "cut_over")
    assert steps.checked_state() in (before, AFTER[step])
    if steps.state() == before:
        steps.take(step)
    steps.assert_nothing_left()


@pytest.mark.parametrize(
    ("step", "phases"),
    [
        ("retire", ("importing", "verify", "certified", "commit", "done")),
        ("restore_snapshot", ("load", "finish", "switch", "commit", "done")),
    ],
)
def test_so_is_a_step_that_follows_a_cut_over(steps: Steps, step: str, phases: tuple[str, ...]):
    steps.take("cut_over")
    for phase in phases:
        assert steps.state() == "cut_over"
        steps.write()
        result = steps.lost_in(step, phase)
        steps.assert_told(result)
        steps.assert_only_named_files()
        if steps.state() != "cut_over":
            break
        assert result.code == 2
        assert "not recorded" in result.err, (phase, result.err)
    if steps.state() == "cut_over":
        steps.run(*steps.arguments(step))
    assert (phase, steps.checked_state()) == ("done", AFTER[step])
    steps.assert_only_named_files()
    steps.assert_nothing_left()


def test_a_step_says_what_became_of_it(steps: Steps):
    result = steps.lost_in("cut_over", "verify")
    assert result.code == 2
    assert "The step was not recorded" in result.err
    assert "Take the step again" in result.err
    result = steps.lost_in("cut_over", "done")
    if result.code == 2:  # SQLite had nothing to write any more
        assert "The step was recorded before that, and is done" in result.err
    assert steps.state() == "cut_over"
