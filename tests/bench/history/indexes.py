"""What a rebuild takes with the indexes that lists need, beside one with those of before."""

from collections.abc import Iterator

from tests.bench.comparing import Comparison, rate
from tests.bench.places import Place, migrated
from tests.bench.running import run
from tests.bench.workload import Workload

FOUR = "rebuild with the indexes of lists"
ALL = "rebuild with versions and statistics too"


def compare_index_costs(where: Place, workload: Workload, *, quick: bool) -> Iterator[Comparison]:
    """The four tables with all their indexes but those of searches; then with all other tables.

    Theirs is the same rebuild of the four tables, each with an index of its status, and of when a
    restore was made and started: those that there were before lists had theirs. One process each,
    since the indexes of a model are changed in it.
    """
    count = workload.history["index_rebuilds"]
    log = migrated(where)
    run("fill_history", log, count=count, quick=quick)

    sides = {
        "theirs": {"everything": False, "few_indexes": True},
        FOUR: {"everything": False, "few_indexes": False},
        ALL: {"everything": True, "few_indexes": False},
    }
    done: dict[str, list[float]] = {side: [] for side in sides}
    for _ in range(workload.pairs):
        for side, how in sides.items():
            done[side].append(rate(run("rebuild_alone", log, count=count, **how)))
    for what in (FOUR, ALL):
        yield Comparison(
            what=what,
            vendor=where.vendor,
            storage="disk",
            unit="events/s",
            target=workload.targets["lists_indexes"],
            ours=done[what],
            theirs=done["theirs"],
            ours_size=count,
            theirs_size=count,
        )
    where.drop(log)
