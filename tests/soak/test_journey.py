"""The whole journey of a host of hundreds of thousands of rows that writes all the time."""

from pathlib import Path

import pytest

from tests.journey.journey import Journey
from tests.journey.stage import drop_stage, make_stage
from tests.soak.parameters import ROWS

pytestmark = pytest.mark.soak


def test_nothing_is_lost_or_invented_on_the_whole_journey(
    vendor: str,
    templates: dict[str, str],
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    found,
):
    stage = make_stage(tmp_path_factory, templates, vendor, tmp_path, ROWS)
    try:
        journey = Journey(stage)
        journey.whole()
    finally:
        drop_stage(stage)
    found(
        "the whole journey",
        vendor,
        f"{ROWS:,} rows in each restore table, a host that writes all the time and "
        f"{len(stage.said):,} writes acknowledged here; {journey.looked} times all four tables "
        "were compared row by row with an independent computation, the last time after the host "
        "had dropped its legacy tables, and were equal",
    )
