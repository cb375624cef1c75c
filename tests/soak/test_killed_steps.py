"""Cut-overs and roll-backs killed again and again, in every phase and at any moment."""

from collections import Counter
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.journey.killing import PHASES, small_steps
from tests.soak.killing import Kill, kills, until_hit
from tests.soak.parameters import SEED, STEP_KILLS

pytestmark = pytest.mark.soak

LONGEST = {"cut_over": 5, "roll_back": 3}
"""Seconds within which a kill that asks for no phase comes."""
AFTER = {"cut_over": "cut_over", "roll_back": "rolled_back"}


def test_steps_killed_at_any_moment_are_whole_or_undone(vendor, templates, tmp_path: Path, found):
    drawn = {
        step: kills(SEED, [(phase, 1) for phase in phases], longest=LONGEST[step])
        for step, phases in PHASES.items()
    }
    numbers, hit = count(), Counter[str]()
    with small_steps(templates, vendor, tmp_path) as steps:

        def due() -> str:
            return "roll_back" if steps.state() == "cut_over" else "cut_over"

        def next_kills() -> Iterator[Kill]:
            while True:
                yield next(drawn[due()])

        def attempt(when: Kill) -> bool:
            number, step, before = next(numbers), due(), steps.state()
            steps.write()
            workers = 1 + number % 2
            if when.phase:
                was_running = steps.killed_in(step, when.phase, workers)
            else:
                was_running = steps.killed_after(step, when.seconds, workers)
            hit[f"{step} {when.phase}".strip()] += was_running
            print(f"{step} killed {when}: {was_running}, seed {SEED}")
            if number % 3 == 2:
                steps.complete(step, before, AFTER[step])
            else:
                assert steps.checked_state() in (before, AFTER[step])
            return was_running

        attempts = until_hit(STEP_KILLS, next_kills(), attempt)
        steps.take(due())
        steps.take(due())
    phases = [f"{step} {phase}" for step in PHASES for phase in PHASES[step]]
    found(
        "kills of cut-overs and roll-backs",
        vendor,
        f"{STEP_KILLS} killed while they ran, in {attempts} attempts, in "
        f"{sum(hit[phase] > 0 for phase in phases)} of {len(phases)} phases and at any moment; "
        "after each the state was the one before or the one after and every row of every "
        "table as it must be, and in the end no table, name or file was left over",
        seed=SEED,
        hit=dict(+hit),
    )
