"""What has nothing beside it: appending, reading, verifying, catching up, looking back."""

from collections.abc import Iterator
from typing import Any

from tests.bench.comparing import Alone, rate, size
from tests.bench.imports import make_host_at_step_one
from tests.bench.places import Place, migrated
from tests.bench.running import run
from tests.bench.workload import Workload


def measure_alone(where: Place, workload: Workload, *, quick: bool) -> Iterator[Alone]:
    """Each of them a few times, on one vendor."""
    empty = migrated(where)
    yield from _appends(where, workload, empty, quick)
    yield from _a_log(where, workload, empty, quick)
    yield from _a_large_host(where, workload, empty)
    where.drop(empty)


def _appends(where: Place, workload: Workload, empty: str, quick: bool) -> Iterator[Alone]:
    sizes = workload.alone
    for what, measure, count in (
        ("append, one by one", "append_one_by_one", sizes["appended_one_by_one"]),
        ("append, in bulk", "fill", sizes["appended_in_bulk"]),
    ):
        done = []
        for _ in range(sizes["times"]):
            fresh = where.copy(empty)
            done.append(run(measure, fresh, count=count, quick=quick))
            where.drop(fresh)
        yield _rates(what, where, "events/s", done)


def _a_log(where: Place, workload: Workload, empty: str, quick: bool) -> Iterator[Alone]:
    """What is done with a log that is there."""
    sizes = workload.alone
    log = where.copy(empty)
    run("fill", log, count=sizes["read"], quick=quick)
    run("rebuild", log, count=sizes["read"])
    for what, measure in (("read and decode", "read"), ("verify the chain", "verify_log")):
        done = [run(measure, log, count=sizes["read"]) for _ in range(sizes["times"])]
        yield _rates(what, where, "events/s", done)
    yield _times(
        "a table as of half the log",
        where,
        run("as_of", log, times=sizes["as_of"], position=sizes["read"] // 2),
        sizes["read"] // 2,
    )
    caught = run("catch_ups", log, times=sizes["catch_ups"])
    yield _times("catch up with one event", where, caught, 1)
    where.drop(log)


def _a_large_host(where: Place, workload: Workload, empty: str) -> Iterator[Alone]:
    """From a host to tables that are equal to it."""
    host = make_host_at_step_one(where, workload.imports["large"], workload.seed)
    imported, whole, verified = [], [], []
    sizes = workload.alone
    for _ in range(sizes["times"]):
        fresh = where.copy(empty)
        imported.append(run("import_host", fresh, source=host))
        rebuilt = run("rebuild", fresh, count=imported[-1]["rows"])
        whole.append(
            {
                "rows": imported[-1]["rows"],
                "seconds": imported[-1]["seconds"] + rebuilt["seconds"],
                "peak_memory": rebuilt["peak_memory"],
            }
        )
        verified.append(run("verify", fresh, source=host))
        where.drop(fresh)
    where.drop(host)
    yield _rates("import a large host", where, "rows/s", imported)
    yield _rates("import it and rebuild", where, "rows/s", whole)
    yield _rates("verify it", where, "rows/s", verified)


def _rates(what: str, where: Place, unit: str, done: list[dict[str, Any]]) -> Alone:
    return Alone(
        what=what,
        vendor=where.vendor,
        unit=unit,
        each=[rate(result) for result in done],
        size=size(done[0]),
        peak_memory=max(result["peak_memory"] for result in done),
    )


def _times(what: str, where: Place, done: dict[str, Any], count: int) -> Alone:
    return Alone(
        what=what,
        vendor=where.vendor,
        unit="ms",
        each=[1000 * seconds for seconds in done["each"]],
        size=count,
        peak_memory=done["peak_memory"],
    )
