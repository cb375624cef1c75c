"""Readers and writers through the journey's switches, with tables of hundreds of thousands."""

import pytest

from tests.journey.clients import assert_nothing_lost, assert_one_generation_each, clients
from tests.journey.stage import Stage
from tests.soak.parameters import ROWS

pytestmark = pytest.mark.soak

STEPS = ("cut_over", "roll_back", "cut_over")


def test_clients_read_and_write_through_all_of_it(stage: Stage, found):
    with clients(stage) as working:
        for step in STEPS:
            stage.manage(step, "--yes", "--json")
            working.go_on()
    assert_one_generation_each(stage, working)
    assert_nothing_lost(stage, "all")
    tables = sum(len(read.tables) for read in working.straight)
    pages = sum(read.reads for read in working.rest)
    longest = {
        "rows": max(read.longest for read in working.straight),
        "page": max(read.longest for read in working.rest),
        "write": max(written.longest for written in working.writers),
    }
    found(
        "clients through cut-over, roll-back, cut-over",
        stage.vendor,
        f"{ROWS:,} rows in each restore table; {tables:,} whole tables and {pages:,} pages read "
        f"and {len(stage.said):,} writes acknowledged, none failed and none lost; the longest "
        f"wait for a first row {longest['rows'] * 1000:,.0f} ms, for a page "
        f"{longest['page'] * 1000:,.0f} ms, for a write {longest['write'] * 1000:,.0f} ms",
    )
