"""Rebuilding the four tables: our engine beside the library's projection runner."""

from tests.bench.comparing import Comparison, DifferentRows, rate, size, take_turns
from tests.bench.places import Place, migrated
from tests.bench.running import run
from tests.bench.workload import Workload


def compare_rebuilds(
    where: Place, workload: Workload, *, storage: str, pairs: int, quick: bool
) -> Comparison:
    """Replay the same log on both sides; ours a longer one, too, whose rate is the one compared.

    The library's rate does not depend on how long the log is; ours grows with it, for making
    indexes and switching take their time. Raises `DifferentRows` if the tables differ.
    """
    few = workload.rebuild[f"library_{where.vendor}"]
    many = workload.rebuild["ours"]
    empty = migrated(where)
    library = where.copy(empty)
    run("library_fill", library, url=library, count=few, quick=quick)
    short, long = where.copy(empty), where.copy(empty)
    run("fill", short, count=few, quick=quick)
    run("fill", long, count=many, quick=quick)

    run("rebuild", short, count=few)
    expected = run("rows", short)

    def theirs() -> dict[str, object]:
        fresh = where.copy(library)
        result = run("library_rebuild", fresh, url=fresh, count=few)
        found = run("rows", fresh)
        where.drop(fresh)
        refuse_different(expected, found)
        return result

    ours_done, theirs_done = take_turns(pairs, lambda: run("rebuild", long, count=many), theirs)
    for url in (empty, library, short, long):
        where.drop(url)
    return Comparison(
        what="rebuild",
        vendor=where.vendor,
        storage=storage,
        unit="events/s",
        target=workload.targets[f"rebuild_{where.vendor}"] if storage == "disk" else None,
        ours=[rate(result) for result in ours_done],
        theirs=[rate(result) for result in theirs_done],
        ours_size=size(ours_done[0]),
        theirs_size=size(theirs_done[0]),
    )


def refuse_different(ours: dict[str, object], theirs: dict[str, object]) -> None:
    for label in set(ours) - {"peak_memory"}:
        if ours[label] != theirs[label]:
            raise DifferentRows(f"{label}: ours {ours[label]}, the library's {theirs[label]}")
