"""A step over REST that loses its database answers with 200 or 503, and leaves no file behind."""

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from tests.journey.killing import Steps, small_steps
from tests.journey.over_rest import over_rest

TIMES = 10
"""The long runs have a hundred."""


@pytest.fixture
def steps(
    vendor: str,
    templates: dict[str, str],
    tmp_path: Path,
) -> Iterator[Steps]:
    with small_steps(templates, vendor, tmp_path) as made:
        yield made


def test_a_step_over_rest_whose_database_is_lost_is_done_or_can_be_asked_for_again(
    steps: Steps, tmp_path: Path
):
    with over_rest(steps, tmp_path) as asked:
        asked.lost_again_and_again(TIMES, Random(16))
