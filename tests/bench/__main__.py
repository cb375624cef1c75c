"""`python -m tests.bench [--quick] [--only …] [--out FOLDER]`: measure, print, write the page."""

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path

import msgspec

from tests.bench import workload as workloads
from tests.bench.charts import draw
from tests.bench.comparing import Alone, Comparison
from tests.bench.followers import measure_followers
from tests.bench.imports import compare_first_imports, compare_imports
from tests.bench.machine import machine
from tests.bench.one_event import compare_lives
from tests.bench.ours_alone import measure_alone
from tests.bench.over_http import compare_over_http
from tests.bench.places import VENDORS, migrated, place
from tests.bench.rebuilds import compare_rebuilds
from tests.bench.report import Report, page, verdict
from tests.bench.switches import measure_switch
from tests.support.service import ROOT

PARTS = ("rebuild", "import", "first", "lives", "http", "followers", "alone")
RAM_DISK = Path("/dev/shm")
ENOUGH = 4 * 2**30
"""Bytes that a RAM disk needs for the databases of a whole run."""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="tiny sizes; the figures mean nothing")
    parser.add_argument("--only", choices=PARTS, action="append", help="this part, and no page")
    parser.add_argument("--database", choices=VENDORS, action="append", help="this one alone")
    parser.add_argument("--out", type=Path, help="the folder for page, plots and results")
    options = parser.parse_args(arguments)
    parts, vendors = options.only or PARTS, options.database or VENDORS
    whole = not (options.only or options.database)
    out = options.out or (None if options.quick or not whole else ROOT / "docs")

    begin = time.monotonic()
    report = Report(machine=machine(), durability={}, minutes=0, pairs=0, comparisons=[], alone=[])
    for vendor in vendors:
        _measure(vendor, parts, report, quick=options.quick)
    report.minutes = (time.monotonic() - begin) / 60
    print("\n".join(verdict(report.comparisons)))
    if out is not None:
        write(report, out)
        print(f"written: {out / 'benchmarks.md'}")
    return 0


def _measure(vendor: str, parts: tuple[str, ...], report: Report, *, quick: bool) -> None:
    """Everything on one vendor, into the report."""
    workload = workloads.load(quick=quick)
    report.pairs = workload.pairs
    disk = RAM_DISK if quick and RAM_DISK.is_dir() else None
    with _folder(disk) as folder, place(vendor, folder, durable=not quick) as where:
        url = migrated(where)
        report.durability[vendor] = where.durability(url)
        where.drop(url)
        if "rebuild" in parts:
            compared = compare_rebuilds(
                where, workload, storage="disk", pairs=workload.pairs, quick=quick
            )
            _add(report, compared)
        if "import" in parts:
            _add(report, compare_imports(where, workload, folder=folder))
        if "first" in parts:
            _add(report, compare_first_imports(where, workload))
        if "lives" in parts:
            for compared in compare_lives(where, workload):
                _add(report, compared)
        if "http" in parts:
            for found in compare_over_http(where, workload, quick=quick):
                if isinstance(found, Alone):
                    report.alone.append(found)
                    _say_alone(found)
                else:
                    _add(report, found)
        if "followers" in parts:
            for alone in measure_followers(where, workload):
                report.alone.append(alone)
                _say_alone(alone)
        if "alone" in parts:
            alone_measures = chain(
                measure_alone(where, workload, quick=quick),
                measure_switch(where, workload, folder),
            )
            for alone in alone_measures:
                report.alone.append(alone)
                _say_alone(alone)
    if "rebuild" in parts and workload.pairs_in_memory and _roomy(RAM_DISK):
        with _folder(RAM_DISK) as folder, place(vendor, folder) as where:
            pairs = workload.pairs_in_memory
            compared = compare_rebuilds(where, workload, storage="memory", pairs=pairs, quick=quick)
            _add(report, compared)


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


def _add(report: Report, compared: Comparison) -> None:
    report.comparisons.append(compared)
    for ours, theirs, ratio in zip(compared.ours, compared.theirs, compared.ratios, strict=True):
        print(
            f"{compared.what:24} {compared.vendor:11} {compared.storage:7} "
            f"ours {ours:10,.0f}  theirs {theirs:8,.0f} {compared.unit:9} {ratio:6.1f} x",
            flush=True,
        )


def _say_alone(alone: Alone) -> None:
    each = sorted(alone.each)
    print(
        f"{alone.what:27} {alone.vendor:11} {each[0]:10,.1f} .. {each[-1]:10,.1f} {alone.unit}",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
