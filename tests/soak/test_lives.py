"""Thousands of lives that nobody thought of, each against the model."""

import pytest
from hypothesis import settings

from tests.lives.running import ANY, live
from tests.soak.parameters import LIVES, SEED
from tests.support import raw

pytestmark = pytest.mark.soak

STEPS = 60


def test_whatever_clients_send_all_is_as_the_model_says(database: str, vendor: str, found):
    live(database, settings(ANY, max_examples=LIVES, stateful_step_count=STEPS), chance=SEED)
    events, restores = raw.rows(
        database, "SELECT count(*), count(DISTINCT stream_id) FROM event_store_event"
    )[0]
    found(
        "random lives against a model",
        vendor,
        f"{LIVES:,} runs of up to {STEPS} steps: {events:,} events of {restores:,} restores and "
        "backups; every answer, row, trail and aggregate was as the model says, and a rebuild "
        "left every row as it was",
    )
