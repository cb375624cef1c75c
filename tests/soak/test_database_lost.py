"""Cut-overs and roll-backs whose database is lost again and again, at any moment of their work."""

from collections import Counter
from pathlib import Path
from random import Random

import pytest

from tests.journey.killing import AFTER, PHASES, small_steps
from tests.soak.parameters import SEED, STEP_KILLS

pytestmark = pytest.mark.soak

LONGEST = {"cut_over": 6, "roll_back": 4}
"""Seconds within which the database is lost, where no phase is waited for."""


def test_steps_that_lose_their_database_are_whole_or_undone_and_leave_no_file(
    vendor, templates, tmp_path: Path, found
):
    chance, codes = Random(SEED), Counter[int]()
    with small_steps(templates, vendor, tmp_path) as steps:
        for number in range(STEP_KILLS):
            before = steps.state()
            step = "roll_back" if before == "cut_over" else "cut_over"
            steps.write()
            if number % 2:
                result = steps.lost_in(step, chance.choice(PHASES[step]))
            else:
                result = steps.lost_after(step, chance.uniform(0, LONGEST[step]))
            codes[result.code] += 1
            steps.assert_told(result)
            steps.assert_only_named_files()
            state = steps.state()
            assert state in (before, AFTER[step])
            assert result.code == 2 or state == AFTER[step]
            if number % 10 == 9:
                assert steps.checked_state() == state
        steps.take("roll_back" if steps.state() == "cut_over" else "cut_over")
    found(
        "databases lost during cut-overs and roll-backs",
        vendor,
        f"{STEP_KILLS} times, of which {codes[2]} ended with exit code 2 and one line; after each "
        "the state was the one before or the one after, and no file was left that the log does "
        "not name",
        seed=SEED,
    )
