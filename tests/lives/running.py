"""Runs the state machine on one service, and replays its log in the end."""

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.api.recorder import recorder
from tests.lives.machine import Lives
from tests.projections.engine.tables import contents
from tests.support import here

ANY = settings(
    deadline=None,
    database=None,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)
FEW = settings(ANY, max_examples=10, stateful_step_count=40, derandomize=True)
"""The same ones each time."""


def live(database: str, how: settings, chance: int | None = None) -> None:
    """The runs that `how` asks for; then a rebuild, which leaves every row as it is."""
    machine = type("TheseLives", (Lives,), {"ada": recorder()})
    if chance is not None:
        machine = seed(chance)(machine)
    run_state_machine_as_test(machine, settings=how)
    before = contents(database)
    assert all(before.values())
    here.run("rebuild")
    assert contents(database) == before
    assert here.run("verify_log", "--json").json["ok"]
