"""The same over REST: a server whose database is lost again and again, at any moment of a step."""

from pathlib import Path
from random import Random

import pytest

from tests.journey.killing import small_steps
from tests.journey.over_rest import over_rest
from tests.soak.parameters import SEED, STEP_KILLS

pytestmark = pytest.mark.soak


def test_steps_over_rest_that_lose_their_database_are_whole_or_undone_and_leave_no_file(
    vendor, templates, tmp_path: Path, found
):
    with (
        small_steps(templates, vendor, tmp_path) as steps,
        over_rest(steps, tmp_path) as asked,
    ):
        statuses = asked.lost_again_and_again(STEP_KILLS, Random(SEED))
    found(
        "databases lost during cut-overs and roll-backs over REST",
        vendor,
        f"{STEP_KILLS} times, of which {statuses[503]} were answered with 503; after each the "
        "state was the one before or the one after, and no file was left that the log does not "
        "name",
        seed=SEED,
    )
