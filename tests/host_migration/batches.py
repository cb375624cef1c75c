"""A migration in batches, killed or not, and what to compare of its results."""

import json
import time
from typing import Any

from tests.host_migration.stage import LEGACY, Stage
from tests.support import forked, raw
from tests.support.forked import ROOT

DRIVER = ROOT / "tests" / "host_migration" / "kill_again_and_again.py"
RECORD = "restorelog_moved_row"
PAIRS = (
    "SELECT kind, legacy_id, consolidated_id, step, last_step, lost_backup_id, source_digest,"
    f" copy_digest FROM {RECORD} ORDER BY 1, 2"
)


def forward(stage: Stage, size: int, *more: str) -> str:
    """Write a migration in batches and apply it; its name."""
    name = written(stage, size, *more)
    stage.product.migrate()
    return name


def written(stage: Stage, size: int, *more: str) -> str:
    return str(stage.write(f"--batches={size}", *more).json["name"])


def state_but_moments(stage: Stage) -> dict[str, Any]:
    """The whole database, without the moments at which rows were moved."""
    found = stage.state()
    for name in (f"{RECORD}: rows", "restorelog_moved_counter: rows"):
        found.pop(name, None)
    if any(name.startswith(RECORD) for name in found):
        found["pairs"] = repr(raw.rows(stage.host, PAIRS))
    return found


def killed_again_and_again(stage: Stage, target: str, statement: int | None = None) -> Any:
    """Migrate; killed at its first statement, at the second of the next run, and so on."""
    environment = {**stage.product.environment, "PYTHONPATH": str(ROOT)}
    arguments = [str(DRIVER), target, *([] if statement is None else [str(statement)])]
    done = forked.run(arguments, env=environment, cwd=stage.product.folder)
    assert done.returncode == 0, done.stderr
    return {**json.loads(done.stdout), "said": done.stderr}


def killed_halfway(stage: Stage, name: str) -> int:
    """Begin to migrate, killed when some restores are moved and others are not; how many are."""
    everything = stage.value(f"SELECT count(*) FROM {LEGACY}")
    for statement in range(20, 2_000, 15):
        assert killed_again_and_again(stage, name, statement)["exit"] != 0, "it was not killed"
        wait_until_alone(stage)
        if RECORD in tables(stage) and 0 < (moved := len(stage.moved())) < everything:
            return moved
    raise AssertionError("it never was in between")


def wait_until_alone(stage: Stage) -> None:
    """Until the server has noticed that the killed process is gone."""
    others = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        " AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
    )
    while stage.host.startswith("postgres") and raw.value(stage.host, others):
        time.sleep(0.01)


def tables(stage: Stage) -> set[str]:
    query = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table'",
        "postgres": "SELECT tablename FROM pg_tables WHERE schemaname = 'public'",
        "mysql": "SELECT table_name FROM information_schema.tables WHERE table_schema = database()",
    }[stage.host.partition(":")[0]]
    return {name for (name,) in raw.rows(stage.host, query)}
