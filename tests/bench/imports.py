"""Importing a host: our importer beside the plan's own data migration."""

import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

from tests.bench.comparing import Comparison, DifferentRows, rate, size, take_turns
from tests.bench.places import Place, migrated
from tests.bench.running import run
from tests.bench.workload import Workload
from tests.sample_host import host_command, make_host
from tests.support import raw

PLAN = Path(__file__).parent / "baselines" / "plan"
KEPT = (
    "name, restore_type, trigger_type, status, target_database, started_at, completed_at, "
    "duration_seconds, message, is_overwrite, created_by_id"
)
"""What the plan's loop keeps of a row; it loses `created_at` and `updated_at`."""

TABLES = ("database_management_restorelog", "system_backups_restorelog")


def compare_imports(where: Place, workload: Workload, *, folder: Path) -> Comparison:
    """Move the same host's rows on both sides.

    The loop moves the legacy rows, within the host; ours reads both tables into the log: both
    rates are per row moved. Raises `DifferentRows` if the legacy rows, once they stand in the
    consolidated table on both sides, differ in what the loop keeps.
    """
    host = make_host_at_step_one(where, workload.imports["rows"], workload.seed)
    service = migrated(where)
    expected = _checked(where, host, service, folder)

    def theirs() -> dict[str, Any]:
        copy = where.copy(host)
        result = run_plan(copy, folder)
        where.drop(copy)
        return {**result, "rows": expected}

    def ours() -> dict[str, Any]:
        fresh = where.copy(service)
        result = run("import_host", fresh, source=host)
        where.drop(fresh)
        return result

    ours_done, theirs_done = take_turns(workload.pairs, ours, theirs)
    for url in (host, service):
        where.drop(url)
    return Comparison(
        what="import",
        vendor=where.vendor,
        storage="disk",
        unit="rows/s",
        target=workload.targets[f"import_{where.vendor}"],
        ours=[rate(result) for result in ours_done],
        theirs=[rate(result) for result in theirs_done],
        ours_size=size(ours_done[0]),
        theirs_size=size(theirs_done[0]),
    )


def compare_first_imports(where: Place, workload: Workload) -> Comparison:
    """A first import with its tables: built anew beside the path that fills them row by row.

    Raises `DifferentRows` if a table has not as many rows on both sides. Their contents, which
    differ by the host's random id, are compared by the tests.
    """
    host = make_host_at_step_one(where, workload.imports["first"], workload.seed)
    empty = migrated(where)
    rows: list[list[int]] = []

    def side(row_by_row: bool) -> dict[str, Any]:
        fresh = where.copy(empty)
        result = run("first_import", fresh, source=host, row_by_row=row_by_row)
        rows.append([raw.value(fresh, f"SELECT count(*) FROM {table}") for table in TABLES])
        where.drop(fresh)
        return result

    built, added = take_turns(1, lambda: side(False), lambda: side(True))
    if rows[0] != rows[1]:
        raise DifferentRows(f"{TABLES}: {rows[0]} rows on one side, {rows[1]} on the other")
    for url in (host, empty):
        where.drop(url)
    return Comparison(
        what="first import",
        vendor=where.vendor,
        storage="disk",
        unit="rows/s",
        target=workload.targets["first_import"],
        ours=[rate(result) for result in built],
        theirs=[rate(result) for result in added],
        ours_size=size(built[0]),
        theirs_size=size(added[0]),
    )


def make_host_at_step_one(where: Place, rows: int, seed: int) -> str:
    """A host without backups (with them the loop raises), that has the new column already."""
    host = where.empty()
    make_host(host, rows=rows, seed=seed, odd_rows=False, backups=False)
    _migrate(host, "0002")
    return host


def _checked(where: Place, host: str, service: str, folder: Path) -> int:
    """Both sides once, their rows compared; returns how many the loop moves."""
    copy, fresh = where.copy(host), where.copy(service)
    last = raw.value(copy, "SELECT max(id) FROM system_backups_restorelog")
    run_plan(copy, folder)
    run("import_host", fresh, source=host)
    run("rebuild", fresh, count=0, scope="all")
    theirs = _rows(copy, f"id > {last}")
    ours = _rows(fresh, "origin = 'legacy'")
    for url in (copy, fresh):
        where.drop(url)
    if theirs != ours:
        odd = next(iter((theirs - ours) + (ours - theirs)))
        raise DifferentRows(f"{len(theirs)} rows by the plan, {len(ours)} by us; e.g. {odd}")
    return theirs.total()


def _rows(url: str, condition: str) -> "Counter[tuple[Any, ...]]":
    found = raw.rows(url, f"SELECT {KEPT} FROM system_backups_restorelog WHERE {condition}")
    return Counter((*row[:-1], None if row[-1] is None else str(row[-1])) for row in found)


def run_plan(host: str, folder: Path) -> dict[str, Any]:
    """Run the plan's loop in the host; the seconds from its first row to its commit."""
    took = folder / "took.json"
    took.unlink(missing_ok=True)
    os.environ["BENCH_TOOK"] = str(took)
    _migrate(host, "0003")
    result: dict[str, Any] = json.loads(took.read_text())
    return result


def _migrate(host: str, to: str) -> None:
    host_command(
        "manage",
        host,
        f"--migrations=system_backups={PLAN}",
        *("--", "migrate", "--verbosity=0", "system_backups", to),
    )
