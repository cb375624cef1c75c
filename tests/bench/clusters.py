"""A rebuild on two Dask workers, beside one worker, and beside helper processes without Dask."""

import os
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

from tests.bench.comparing import Bound, Comparison, rate, size, take_turns
from tests.bench.places import Place, migrated
from tests.bench.running import run
from tests.bench.workload import Workload
from tests.support.cluster import Cluster, cluster

WORKERS = (1, 2)


def compare_workers(
    where: Place, workload: Workload, folder: Path, *, quick: bool
) -> Iterator[Comparison | Bound]:
    """Rebuilds of the same log: all of it on this machine, scheduler and workers included.

    Says also how busy the machine is. Where it has no processor to give to a second worker, the
    target cannot be reached.
    """
    url, count = migrated(where), workload.rebuild["ours"]
    run("fill", url, count=count, quick=quick)
    folders = {number: folder / f"cluster-{where.vendor}-{number}" for number in WORKERS}
    for one in folders.values():
        one.mkdir()
    with cluster(folders[1]) as few, cluster(folders[2]) as many:
        for number, its in zip(WORKERS, (few, many), strict=True):
            for name in range(number):
                its.worker(url, name=f"worker-{name}")

        def on(its: Cluster) -> dict[str, Any]:
            return run(
                "rebuild_on_cluster",
                url,
                count=count,
                scheduler=its.url,
                watched=_watched(where, its),
            )

        for its in (few, many):
            on(its)  # workers import the service at their first task
        two, one = take_turns(workload.pairs, lambda: on(many), lambda: on(few))
        again, without = take_turns(
            workload.pairs, lambda: on(many), lambda: run("rebuild", url, count=count)
        )
    where.drop(url)
    target = workload.targets["two_workers"]
    beside_one = _compared("rebuild on two Dask workers, beside one", where, two, one)
    beside_one.target, beside_one.limit = target, limit(one, target)
    yield beside_one
    yield _compared("rebuild on two Dask workers, beside none", where, again, without)
    for who, done in (("one Dask worker", one), ("two Dask workers", two)):
        yield Bound(
            what=f"processors of a rebuild on {who}",
            vendor=where.vendor,
            unit="% of the machine",
            cases={
                name: median(each["shares"][name] for each in done) for name in done[0]["shares"]
            },
        )


def limit(alone: list[dict[str, Any]], target: float) -> str:
    """What keeps two workers from being so many times as fast as one alone; empty if nothing does.

    The work is the same, so it takes the same time of processors, in a shorter time.
    """
    shares = {name: median(each["shares"][name] for each in alone) for name in alone[0]["shares"]}
    ours, database = shares["all of them"], shares["the database"]
    if ours * target <= 100:
        return ""
    return (
        f"the processors are the limit: with one worker, the machine's {os.cpu_count()} are "
        f"{ours:.0f}% busy with it already, the database with {database:.0f}% of them, so "
        f"{100 / ours:.1f} times is the most that a second can give"
    )


def _watched(where: Place, its: Cluster) -> dict[str, list[int]]:
    """The processes whose time is told, by name."""
    scheduler, *workers = (process.pid for process in its.processes)
    return {
        "the database": where.pids(),
        "the scheduler": [scheduler],
        "the workers": workers,
    }


def _compared(what: str, where: Place, ours: list[Any], theirs: list[Any]) -> Comparison:
    return Comparison(
        what=what,
        vendor=where.vendor,
        storage="disk",
        unit="events/s",
        target=None,
        ours=[rate(result) for result in ours],
        theirs=[rate(result) for result in theirs],
        ours_size=size(ours[0]),
        theirs_size=size(theirs[0]),
    )
