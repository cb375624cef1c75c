"""Moving a host's legacy rows within the host: our migration beside the plan's own."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.bench import running
from tests.bench.comparing import Comparison, DifferentRows, rate, size, take_turns
from tests.bench.imports import KEPT, PLAN, TABLES, make_host_at_step_one, run_plan
from tests.bench.places import Place, migrated
from tests.bench.running import AS_IN_PRODUCTION, MeasureFailed, run
from tests.bench.workload import Workload
from tests.sample_host import host_command
from tests.support import raw
from tests.support.service import environment

LEGACY, CONSOLIDATED = TABLES
LOST = "created_at, updated_at"
"""What the plan's loop loses: the ORM writes the present moment."""
MEASURED = '''

class Migration(Migration):
    """Writes its seconds down, up to and with the commit."""

    def apply(self, *args, **kwargs):
        import json, os, pathlib, time
        from django.db import transaction

        begin, took = time.perf_counter(), pathlib.Path(os.environ["BENCH_TOOK"])
        state = super().apply(*args, **kwargs)
        transaction.on_commit(
            lambda: took.write_text(json.dumps({"seconds": time.perf_counter() - begin}))
        )
        return state
'''


def compare_host_moves(where: Place, workload: Workload, folder: Path) -> Comparison:
    """Move the legacy rows of copies of one host, by both migrations, in turns.

    The loop moves the first of them only: its rate is the same from the first row to the last.

    Both are timed within the host's process: the loop from its first row, ours with the tables of
    its record, up to and with the commit. Raises `DifferentRows` if the moved rows differ in what
    the loop keeps, or if ours lost what it loses.
    """
    host = make_host_at_step_one(where, workload.moves["rows"], workload.seed)
    few = where.copy(host)
    most = f"SELECT id FROM {LEGACY} ORDER BY id LIMIT {workload.moves['loop']}"
    for table, key in (("reports_restorereview", "restore_id"), (LEGACY, "id")):
        last = f"(SELECT max(id) FROM ({most}) AS f)"
        raw.execute(few, f"DELETE FROM {table} WHERE {key} > {last}")
    ours_at = _written(where, host, folder)
    _refuse_different(where, few, folder, ours_at)

    def theirs() -> dict[str, Any]:
        return _on_a_copy(where, few, lambda copy: run_plan(copy, folder))

    def ours() -> dict[str, Any]:
        return _on_a_copy(where, host, lambda copy: _move(copy, folder, ours_at))

    ours_done, theirs_done = take_turns(workload.moves["pairs"], ours, theirs)
    for url in (host, few):
        where.drop(url)
    return Comparison(
        what="move in the host",
        vendor=where.vendor,
        storage="disk",
        unit="rows/s",
        target=workload.targets["move"],
        ours=[rate(result) for result in ours_done],
        theirs=[rate(result) for result in theirs_done],
        ours_size=size(ours_done[0]),
        theirs_size=size(theirs_done[0]),
    )


def _written(where: Place, host: str, folder: Path) -> Path:
    """The folder with our migration, and the one before it. The host is cut over for that."""
    service, out = migrated(where), folder / "ours"
    out.mkdir()
    run("import_host", service, source=host)
    run("rebuild", service, count=0)
    files = {"certificate": str(folder / "c.json"), "snapshot": str(folder / "s.sqlite3")}
    run("cut_over", service, source=host, **files)
    done = running.fresh_python(
        ["manage.py", "host_migration", f"--out={out}"],
        env=environment(database=service, source=host, env=AS_IN_PRODUCTION),
    )
    if done.returncode != 0:
        raise MeasureFailed(f"host_migration: {done.stderr}")
    where.drop(service)
    for path in out.glob("*.py"):
        path.write_text(path.read_text() + MEASURED)
    shutil.copy(PLAN / "0002_add_target_database.py", out)
    return out


def _move(host: str, folder: Path, migrations: Path) -> dict[str, Any]:
    """Run our migration in the host; its seconds, with the commit."""
    took = folder / "took.json"
    took.unlink(missing_ok=True)
    os.environ["BENCH_TOOK"] = str(took)
    where = f"--migrations=system_backups={migrations}"
    host_command("manage", host, where, "--", "migrate", "--verbosity=0", "system_backups")
    result: dict[str, Any] = json.loads(took.read_text())
    return result


def _on_a_copy(where: Place, host: str, move: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    copy = where.copy(host)
    rows = raw.value(copy, f"SELECT count(*) FROM {LEGACY}")
    result = move(copy)
    where.drop(copy)
    return {**result, "rows": rows}


def _refuse_different(where: Place, host: str, folder: Path, ours_at: Path) -> None:
    """Both once, their rows compared."""
    last = raw.value(host, f"SELECT max(id) FROM {CONSOLIDATED}")
    ours, theirs = where.copy(host), where.copy(host)
    run_plan(theirs, folder)
    _move(ours, folder, ours_at)
    moved = f"FROM {CONSOLIDATED} WHERE id > {last}"
    lines = [sorted(raw.rows(url, f"SELECT {KEPT} {moved}"), key=repr) for url in (ours, theirs)]
    if lines[0] != lines[1]:
        raise DifferentRows(f"{len(lines[0])} rows by us, {len(lines[1])} by the plan")
    kept = [
        sorted(raw.rows(ours, f"SELECT name, {LOST} {source}"), key=repr)
        for source in (moved, f"FROM {LEGACY}")
    ]
    if kept[0] != kept[1]:
        raise DifferentRows(f"{LOST} were not kept")
    for url in (ours, theirs):
        where.drop(url)
