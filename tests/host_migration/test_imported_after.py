"""What this service makes of a host before, after and without its own migration: the same."""

from typing import Any

from tests.host_migration.stage import LEGACY, Stage
from tests.support import here, raw

SHOWN = "SELECT count(*) FROM system_backups_restorelog"


def test_the_migration_and_the_way_back_are_no_events(stage: Stage):
    shown = raw.value(stage.service, SHOWN)
    stage.forward()
    assert imported(stage) == 0
    assert equal(stage)
    assert raw.value(stage.service, SHOWN) == shown
    stage.product.back()
    assert imported(stage) == 0
    assert equal(stage)


def test_a_further_one_doubles_nothing_either(small: Stage):
    small.forward()
    small.old_code_writes(1)
    assert imported(small) > 0
    assert equal(small)
    small.write("--top-up")
    small.product.migrate()
    assert imported(small) == 0
    assert equal(small)
    legacy = small.value(f"SELECT count(*) FROM {LEGACY}")
    of_them = raw.value(small.service, f"{SHOWN} WHERE origin = 'legacy'")
    assert of_them == legacy


def imported(stage: Stage) -> Any:
    """How many events the next import records."""
    return here.run("import_host", "--json", source=stage.host).json["events"]


def equal(stage: Stage) -> Any:
    return here.run("verify", "--json", source=stage.host).json["equal"]
