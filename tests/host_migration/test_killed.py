"""Killed before any statement, forward and backward: the host is as before, or as after."""

import json
from typing import Any

from tests.host_migration.pointing import with_followups
from tests.host_migration.pointing import write as write_pointers
from tests.host_migration.stage import Stage
from tests.host_migration.state import changes
from tests.support import forked
from tests.support.forked import ROOT

DRIVER = ROOT / "tests" / "host_migration" / "kill_at_every_statement.py"


def test_forward_and_backward(small: Stage):
    small.write()
    before = small.state()
    for target in ("0002_restorelog_consolidation", small.product.last):
        found = killed_everywhere(small, target)
        assert found["exit"] == 0
        assert found["changed"] is True
        assert found["before"] > 30
        assert found.get("neither", 0) == 0
    assert changes(before, small.state()) == {}


def test_a_further_one(small: Stage):
    small.forward()
    small.old_code_writes(1)
    told = small.write("--top-up").json
    before = small.state()
    for target in (told["name"], "0002_restorelog_consolidation"):
        found = killed_everywhere(small, target)
        assert (found["exit"], found.get("neither", 0)) == (0, 0)
        assert found["changed"] is True
    assert changes(before, small.state()) == {}


def test_what_refers_to_legacy_rows(small: Stage):
    with_followups(small).forward()
    before = small.state()
    told = write_pointers(small).json
    for target in (told["name"], "0002_restorelog_consolidation"):
        found = killed_everywhere(small, target, "--writes")
        assert (found["exit"], found.get("neither", 0)) == (0, 0)
        assert found["changed"] is True
        assert found["before"] > 30
    assert changes(before, small.state()) == {}


def killed_everywhere(stage: Stage, target: str, *more: str) -> Any:
    """What the driver says; `more` are further arguments of it."""
    environment = {**stage.product.environment, "PYTHONPATH": str(ROOT)}
    arguments = [str(DRIVER), stage.host, target, *more]
    done = forked.run(arguments, env=environment, cwd=stage.product.folder)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found.get("exit", 0) == 0, done.stderr
    return found
