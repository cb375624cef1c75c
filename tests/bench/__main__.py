"""`python -m tests.bench [--quick] [--only …] [--keep FOLDER]`: measure, print, write the page.

A part that is measured again takes the place of what was found before; the others stay, with
their revision.
"""

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import msgspec

from tests.bench import workload as workloads
from tests.bench.charts import draw
from tests.bench.clusters import compare_workers
from tests.bench.comparing import Found
from tests.bench.followers import measure_followers
from tests.bench.history.database import History, made
from tests.bench.history.exports import measure_exports
from tests.bench.history.indexes import compare_index_costs
from tests.bench.history.questions import measure_questions
from tests.bench.history.reading import compare_reading
from tests.bench.host_moves import compare_host_moves
from tests.bench.imports import compare_first_imports, compare_imports
from tests.bench.machine import machine, revision
from tests.bench.one_event import compare_lives
from tests.bench.ours_alone import measure_alone
from tests.bench.over_http import compare_over_http
from tests.bench.places import VENDORS, Place, migrated, place
from tests.bench.rebuilds import compare_rebuilds
from tests.bench.report import PARTS, Report, Run, page, said, verdict
from tests.bench.switches import measure_switch
from tests.bench.workload import Workload
from tests.support.service import ROOT

ASKS_A_HISTORY = frozenset({"questions", "reading", "exports"})
ASKED_FOR = tuple(part for part in PARTS if part not in ("rebuild in memory", "history"))
"""What `--only` takes: the others come with those that need them."""
RAM_DISK = Path("/dev/shm")
ENOUGH = 4 * 2**30
"""Bytes that a RAM disk needs for the databases of a whole run."""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="tiny sizes; the figures mean nothing")
    parser.add_argument("--only", choices=ASKED_FOR, action="append", help="this part")
    parser.add_argument("--database", choices=VENDORS, action="append", help="this one alone")
    parser.add_argument(
        "--keep",
        type=Path,
        metavar="FOLDER",
        help="make databases there; the long history stays, and the next run asks it again",
    )
    parser.add_argument("--out", type=Path, help="the folder for page, plots and results")
    options = parser.parse_args(arguments)
    parts, vendors = set(options.only or ASKED_FOR), options.database or VENDORS
    if ASKS_A_HISTORY & parts:
        parts.add("history")
    out = options.out or (None if options.quick else ROOT / "docs")

    commit = revision()  # before a page was written
    report = known(out)
    for vendor in vendors:
        for run in _runs(vendor, parts, quick=options.quick, kept=options.keep):
            run.machine["revision"] = commit
            if run.found:
                report.put(run)
            if out is not None:
                write(report, out)
    print("\n".join(verdict(report)))
    if out is not None:
        print(f"written: {out / 'benchmarks.md'}")
    return 0


def known(out: Path | None) -> Report:
    """What was found before, as `results.json` there has it."""
    results = None if out is None else out / "benchmarks" / "results.json"
    if results is None or not results.exists():
        return Report()
    return msgspec.json.decode(results.read_bytes(), type=Report)


def _runs(vendor: str, parts: Set[str], *, quick: bool, kept: Path | None) -> Iterator[Run]:
    """Each part on one vendor, when it is done."""
    workload = workloads.load(quick=quick)
    disk = RAM_DISK if quick and RAM_DISK.is_dir() else None
    its = None if kept is None else kept.absolute() / vendor
    with (
        _folder(disk) as folder,
        place(vendor, folder, durable=not quick, kept=its) as where,
    ):
        url = migrated(where)
        durability = where.durability(url)
        where.drop(url)
        history = cache(lambda: made(where, workload, kept=its, quick=quick))
        for part in (part for part in PARTS if part in parts):
            found = _found(part, where, workload, folder, history, quick=quick)
            pairs = workload.moves["pairs"] if part == "move" else workload.pairs
            yield _run(part, vendor, found, durability, pairs)
        if ASKS_A_HISTORY & parts and kept is None:
            where.drop(history().url)
    if "rebuild" in parts and workload.pairs_in_memory and _roomy(RAM_DISK):
        with _folder(RAM_DISK) as folder, place(vendor, folder) as where:
            found = _in_memory(where, workload, quick=quick)
            yield _run("rebuild in memory", vendor, found, durability, workload.pairs_in_memory)


def _run(
    part: str, vendor: str, measured: Iterable[Found], durability: dict[str, str], pairs: int
) -> Run:
    """Measure one part, and say what it finds as it is found."""
    begin = time.monotonic()
    run = Run(part=part, vendor=vendor, machine=machine(), durability=durability, pairs=pairs)
    for found in measured:
        run.add(found)
        print("\n".join(said(found)), flush=True)
    run.minutes = (time.monotonic() - begin) / 60
    return run


def _found(
    part: str,
    where: Place,
    workload: Workload,
    folder: Path,
    history: Callable[[], History],
    *,
    quick: bool,
) -> Iterator[Found]:
    """What this part finds; nothing is measured before it is asked for."""
    match part:
        case "rebuild":
            pairs = workload.pairs
            yield compare_rebuilds(where, workload, storage="disk", pairs=pairs, quick=quick)
        case "cluster":
            yield from compare_workers(where, workload, folder, quick=quick)
        case "import":
            yield compare_imports(where, workload, folder=folder)
        case "first":
            yield compare_first_imports(where, workload)
        case "move":
            yield compare_host_moves(where, workload, folder)
        case "lives":
            yield from compare_lives(where, workload)
        case "http":
            yield from compare_over_http(where, workload, quick=quick)
        case "followers":
            yield from measure_followers(where, workload)
        case "alone":
            yield from measure_alone(where, workload, quick=quick)
            yield from measure_switch(where, workload, folder)
        case "indexes":
            yield from compare_index_costs(where, workload, quick=quick)
        case "history":
            yield from history().found
        case "questions":
            yield from measure_questions(history(), workload)
        case "reading":
            yield from compare_reading(history(), workload, quick=quick)
        case "exports":
            yield from measure_exports(history(), workload)


def _in_memory(where: Place, workload: Workload, *, quick: bool) -> Iterator[Found]:
    pairs = workload.pairs_in_memory
    yield compare_rebuilds(where, workload, storage="memory", pairs=pairs, quick=quick)


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
