"""`python -m tests.bench [--quick] [--only …] [--keep FOLDER]`: measure, print, write the page."""

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from tests.bench import workload as workloads
from tests.bench.charts import draw
from tests.bench.comparing import Found
from tests.bench.followers import measure_followers
from tests.bench.history.database import made
from tests.bench.history.exports import measure_exports
from tests.bench.history.indexes import compare_index_costs
from tests.bench.history.questions import measure_questions
from tests.bench.history.reading import compare_reading
from tests.bench.imports import compare_first_imports, compare_imports
from tests.bench.machine import machine
from tests.bench.one_event import compare_lives
from tests.bench.ours_alone import measure_alone
from tests.bench.over_http import compare_over_http
from tests.bench.places import VENDORS, Place, migrated, place
from tests.bench.rebuilds import compare_rebuilds
from tests.bench.report import Report, page, said, verdict
from tests.bench.switches import measure_switch
from tests.bench.workload import Workload
from tests.support.service import ROOT

PARTS = (
    *("rebuild", "import", "first", "lives", "http", "followers", "alone"),
    *("indexes", "questions", "reading", "exports"),
)
"""The last three ask one database, with a long history."""
RAM_DISK = Path("/dev/shm")
ENOUGH = 4 * 2**30
"""Bytes that a RAM disk needs for the databases of a whole run."""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="tiny sizes; the figures mean nothing")
    parser.add_argument("--only", choices=PARTS, action="append", help="this part, and no page")
    parser.add_argument("--database", choices=VENDORS, action="append", help="this one alone")
    parser.add_argument(
        "--keep",
        type=Path,
        metavar="FOLDER",
        help="make databases there; the long history stays, and the next run asks it again",
    )
    parser.add_argument("--out", type=Path, help="the folder for page, plots and results")
    options = parser.parse_args(arguments)
    parts, vendors = options.only or PARTS, options.database or VENDORS
    whole = not (options.only or options.database)
    out = options.out or (None if options.quick or not whole else ROOT / "docs")

    begin = time.monotonic()
    report = Report(machine=machine(), durability={}, minutes=0, pairs=0)
    for vendor in vendors:
        _measure(vendor, parts, report, quick=options.quick, kept=options.keep)
    report.minutes = (time.monotonic() - begin) / 60
    print("\n".join(verdict(report)))
    if out is not None:
        write(report, out)
        print(f"written: {out / 'benchmarks.md'}")
    return 0


def _measure(
    vendor: str, parts: tuple[str, ...], report: Report, *, quick: bool, kept: Path | None
) -> None:
    """Everything on one vendor, into the report."""
    workload = workloads.load(quick=quick)
    report.pairs = workload.pairs
    disk = RAM_DISK if quick and RAM_DISK.is_dir() else None
    its = None if kept is None else kept.absolute() / vendor
    with (
        _folder(disk) as folder,
        place(vendor, folder, durable=not quick, kept=its) as where,
    ):
        url = migrated(where)
        report.durability[vendor] = where.durability(url)
        where.drop(url)
        for found in _found(where, workload, parts, folder=folder, kept=its, quick=quick):
            report.add(found)
            print("\n".join(said(found)), flush=True)
    if "rebuild" in parts and workload.pairs_in_memory and _roomy(RAM_DISK):
        with _folder(RAM_DISK) as folder, place(vendor, folder) as where:
            pairs = workload.pairs_in_memory
            compared = compare_rebuilds(where, workload, storage="memory", pairs=pairs, quick=quick)
            report.add(compared)
            print("\n".join(said(compared)), flush=True)


def _found(
    where: Place,
    workload: Workload,
    parts: tuple[str, ...],
    *,
    folder: Path,
    kept: Path | None,
    quick: bool,
) -> Iterator[Found]:
    """What each of the parts finds, in their order."""
    if "rebuild" in parts:
        yield compare_rebuilds(where, workload, storage="disk", pairs=workload.pairs, quick=quick)
    if "import" in parts:
        yield compare_imports(where, workload, folder=folder)
    if "first" in parts:
        yield compare_first_imports(where, workload)
    if "lives" in parts:
        yield from compare_lives(where, workload)
    if "http" in parts:
        yield from compare_over_http(where, workload, quick=quick)
    if "followers" in parts:
        yield from measure_followers(where, workload)
    if "alone" in parts:
        yield from measure_alone(where, workload, quick=quick)
        yield from measure_switch(where, workload, folder)
    if "indexes" in parts:
        yield from compare_index_costs(where, workload, quick=quick)
    if {"questions", "reading", "exports"} & set(parts):
        history = made(where, workload, kept=kept, quick=quick)
        yield from history.found
        if "questions" in parts:
            yield from measure_questions(history, workload)
        if "reading" in parts:
            yield from compare_reading(history, workload, quick=quick)
        if "exports" in parts:
            yield from measure_exports(history, workload)
        if kept is None:
            where.drop(history.url)


def write(report: Report, out: Path) -> None:
    """The page, and beside it a folder with the plots and every figure."""
    beside = out / "benchmarks"
    beside.mkdir(parents=True, exist_ok=True)
    plots = draw(report.comparisons, beside)
    results = json.dumps(msgspec.to_builtins(report), indent=1)
    (beside / "results.json").write_text(results + "\n", encoding="utf-8")
    text = page(report, [str(plot.relative_to(out)) for plot in plots])
    (out / "benchmarks.md").write_text(text, encoding="utf-8")


@contextmanager
def _folder(parent: Path | None) -> Iterator[Path]:
    """A folder of our own; what asks `tempfile` meanwhile gets its folder beside it."""
    before, tempfile.tempdir = tempfile.tempdir, str(parent) if parent else None
    try:
        with tempfile.TemporaryDirectory(prefix="restore-log-bench-") as folder:
            yield Path(folder)
    finally:
        tempfile.tempdir = before


def _roomy(folder: Path) -> bool:
    return folder.is_dir() and shutil.disk_usage(folder).free >= ENOUGH


if __name__ == "__main__":
    sys.exit(main())
