"""Whole lives of restores, each of their events in the tables before the next is recorded."""

from typing import Any

from tests.bench.comparing import Comparison, DifferentRows, take_turns
from tests.bench.places import Place, migrated
from tests.bench.running import run
from tests.bench.workload import Workload
from tests.support import raw

OURS = (
    "SELECT count(*) FROM system_backups_restorelog AS one"
    " JOIN database_management_restorelog AS other ON other.restore_id = one.restore_id"
    " WHERE one.status = 'completed' AND other.status = 'completed'"
    " AND one.completed_at = other.completed_at AND one.started_at = other.started_at"
)
THEIRS = (
    "SELECT count(*) FROM one_restore"
    " WHERE status = 'completed' AND started_at IS NOT NULL AND completed_at IS NOT NULL"
)
"""How many restores are in the tables, whole."""


def compare_lives(where: Place, workload: Workload) -> list[Comparison]:
    """Three events a life: ours keeps four tables up to date, the library's projection one.

    By the clock, and by the processor's time of the client's process. Raises `DifferentRows` if
    a restore is missing in a table.
    """
    empty, count = migrated(where), workload.alone["lives"]

    def ours() -> dict[str, Any]:
        fresh = where.copy(empty)
        result = run("lives", fresh, count=count)
        _refuse_missing(raw.value(fresh, OURS), count)
        where.drop(fresh)
        return result

    def theirs() -> dict[str, Any]:
        fresh = where.empty()
        result = run("library_lives", fresh, url=fresh, count=count)
        _refuse_missing(raw.value(fresh, THEIRS), count)
        where.drop(fresh)
        return result

    ours_done, theirs_done = take_turns(workload.pairs, ours, theirs)
    where.drop(empty)
    return [
        Comparison(
            what=what,
            vendor=where.vendor,
            storage="disk",
            unit=unit,
            target=workload.targets["lives"] if measure == "seconds" else None,
            ours=[result["events"] / result[measure] for result in ours_done],
            theirs=[result["events"] / result[measure] for result in theirs_done],
            ours_size=ours_done[0]["events"],
            theirs_size=theirs_done[0]["events"],
        )
        for what, unit, measure in (
            ("lives", "events/s", "seconds"),
            ("lives, by the processor", "events/s", "worked"),
        )
    ]


def _refuse_missing(found: int, count: int) -> None:
    if found != count:
        raise DifferentRows(f"{count} restores were recorded, and {found} are in the tables")
