"""What was measured, run by run, and the page that says it."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from statistics import median

import msgspec

from tests.bench.comparing import Alone, Bound, Comparison, Found, Reading

NAMES = {"postgresql": "PostgreSQL", "sqlite": "SQLite"}
PARTS = (
    *("rebuild", "rebuild in memory", "cluster", "import", "first", "move", "lives", "http"),
    "followers",
    *("alone", "indexes", "history", "questions", "reading", "exports"),
)
"""In the order of the page; `history` makes the database that the last three ask."""
OF_A_RUN = ("revision", "when", "load when it began")
SHOWN = 8
"""Cases that the page names of one bound; `results.json` has them all."""
READING = Path(__file__).with_name("reading.md")


class Run(msgspec.Struct, kw_only=True):
    """What one part found on one database: when, where and how; `minutes` are None if unknown."""

    part: str
    vendor: str
    machine: dict[str, str]
    durability: dict[str, str]
    minutes: float | None = None
    pairs: int
    comparisons: list[Comparison] = []
    alone: list[Alone] = []
    readings: list[Reading] = []
    bounds: list[Bound] = []

    @property
    def found(self) -> list[Found]:
        return [*self.comparisons, *self.alone, *self.readings, *self.bounds]

    def add(self, found: Found) -> None:
        match found:
            case Comparison():
                self.comparisons.append(found)
            case Alone():
                self.alone.append(found)
            case Reading():
                self.readings.append(found)
            case Bound():
                self.bounds.append(found)


class Report(msgspec.Struct, kw_only=True):
    """The last run of each part on each database; `results.json` is this."""

    runs: list[Run] = []

    def put(self, run: Run) -> None:
        """Take the place of what this part found before; the others stay, with their revision."""
        others = [one for one in self.runs if (one.part, one.vendor) != (run.part, run.vendor)]
        self.runs = sorted([*others, run], key=lambda one: (one.vendor, PARTS.index(one.part)))

    @property
    def comparisons(self) -> list[Comparison]:
        return [found for run in self.runs for found in run.comparisons]

    @property
    def alone(self) -> list[Alone]:
        return [found for run in self.runs for found in run.alone]

    @property
    def readings(self) -> list[Reading]:
        return [found for run in self.runs for found in run.readings]

    @property
    def bounds(self) -> list[Bound]:
        return [found for run in self.runs for found in run.bounds]


def page(report: Report, plots: Iterable[str]) -> str:
    """The report in Markdown; `plots` are their paths, relative to the page."""
    return "\n".join(
        [
            "# Benchmarks",
            "",
            "Written by `make bench`; do not edit. The numbers are one machine's, the ratios"
            " less so; a machine that had other work to do (see its load below) says little."
            " One part again: `.venv/bin/python -m tests.bench --only PART`; the others stay.",
            "",
            *verdict(report),
            "",
            *[f"![{Path(plot).stem}]({plot})\n" for plot in plots],
            "## Side by side",
            "",
            *_compared([c for c in report.comparisons if c.storage == "disk"]),
            "",
            *_without_a_disk([c for c in report.comparisons if c.storage == "memory"]),
            *(["## Reading", "", *_readings(report.readings), ""] if report.readings else []),
            *(["## Bounds", "", *_bounds(report.bounds), ""] if report.bounds else []),
            *(["## Ours alone", "", *_alone(report.alone), ""] if report.alone else []),
            READING.read_text(encoding="utf-8").rstrip(),
            "",
            "## How and when",
            "",
            *_runs(report.runs),
            "",
            "## Where",
            "",
            *_where(report.runs),
            "",
        ]
    )


def verdict(report: Report) -> Iterator[str]:
    """A line for each target: met or missed, and by how much."""
    for comparison in report.comparisons:
        if comparison.target is not None:
            yield _ratio_line(comparison.what, comparison)
    for reading in report.readings:
        if reading.target is not None:
            yield _ratio_line(f"{reading.what}, {_clients(reading)}", reading)
    for bound in report.bounds:
        if bound.most is not None:
            yield (
                f"- **{bound.what} on {NAMES[bound.vendor]}: at most "
                f"{_figure(bound.cases[bound.worst])} {bound.unit}**, "
                f"of {bound.most:g} {bound.unit} asked for: {_met(bound)}"
            )


def _ratio_line(what: str, found: Comparison | Reading) -> str:
    assert found.target is not None
    return (
        f"- **{what} on {NAMES[found.vendor]}: {_times(median(found.ratios))} times as fast**, "
        f"of {found.target:g} asked for: {_met(found)}"
    )


def _met(found: Comparison | Reading | Bound) -> str:
    if isinstance(found, Comparison) and found.limit:
        return f"cannot be reached here, {found.limit}"
    return "met" if found.met else "missed"


def said(found: Found) -> Iterator[str]:
    """Lines about what a part has just found."""
    match found:
        case Comparison():
            for ours, theirs, ratio in zip(found.ours, found.theirs, found.ratios, strict=True):
                yield (
                    f"{found.what:24} {found.vendor:11} {found.storage:7} ours {ours:10,.0f}  "
                    f"theirs {theirs:8,.0f} {found.unit:9} {ratio:6.1f} x"
                )
        case Alone():
            each = sorted(found.each)
            spread = f"{each[0]:10,.1f} .. {each[-1]:10,.1f} {found.unit}"
            yield f"{found.what:27} {found.vendor:11} {spread}"
        case Reading():
            yield (
                f"{found.what:24} {found.vendor:11} {_clients(found):10} {found.side:6} "
                f"{median(found.rates):8,.1f}/s  p50 {median(found.p50):8,.1f}  "
                f"p99 {median(found.p99):8,.1f} ms  {' '.join(map(_times, found.ratios))}"
            )
        case Bound():
            yield f"{found.what:27} {found.vendor:11} {len(found.cases)} cases, the highest:"
            for name in _highest(found, 5):
                yield f"    {found.cases[name]:10,.1f} {found.unit}  {name}"


def _highest(bound: Bound, count: int) -> list[str]:
    return sorted(bound.cases, key=bound.cases.__getitem__, reverse=True)[:count]


def _clients(reading: Reading) -> str:
    return f"{reading.clients} {'client' if reading.clients == 1 else 'clients'}"


def _readings(readings: list[Reading]) -> Iterator[str]:
    yield "| what | database | clients | side | requests/s | p50 | p99 | processor | ratio |"
    yield "|---|---|--:|---|--:|--:|--:|--:|---|"
    for r in readings:
        figures = (
            f"{_figure(median(r.rates))} | {_figure(median(r.p50))} ms "
            f"| {_figure(median(r.p99))} ms | {_figure(median(r.worked))} ms"
        )
        ratios = ", ".join(map(_times, r.ratios))
        yield (f"| {r.what} | {NAMES[r.vendor]} | {r.clients} | {r.side} | {figures} | {ratios} |")


def _bounds(bounds: list[Bound]) -> Iterator[str]:
    """Each with its highest cases: those that are too high, as far as a page should have them."""
    yield "| what | database | cases | median | highest | asked for | |"
    yield "|---|---|--:|--:|--:|--:|---|"
    for b in bounds:
        most = "" if b.most is None else f"{b.most:g} {b.unit}"
        figures = (median(b.cases.values()), b.cases[b.worst])
        spread = " | ".join(f"{_figure(one)} {b.unit}" for one in figures)
        met = "" if b.most is None else _met(b)
        yield f"| {b.what} | {NAMES[b.vendor]} | {len(b.cases)} | {spread} | {most} | {met} |"
    yield ""
    for b in bounds:
        above = [name for name in b.cases if b.most is not None and b.cases[name] > b.most]
        if shown := _highest(b, min(len(above), SHOWN) if b.most is not None else SHOWN):
            noun = "the highest" if b.most is None else f"{len(above)} above"
            told = "; ".join(f"`{name}` {_figure(b.cases[name])} {b.unit}" for name in shown)
            yield f"- {b.what} on {NAMES[b.vendor]}, {noun}: {told}"


def _runs(runs: list[Run]) -> Iterator[str]:
    yield "| part | database | pairs | minutes | revision | when | load when it began |"
    yield "|---|---|--:|--:|---|---|---|"
    for run in runs:
        took = "" if run.minutes is None else f"{run.minutes:.1f}"
        named = f"| {run.part} | {NAMES[run.vendor]} | {run.pairs} | {took}"
        when = " | ".join(run.machine[name] for name in OF_A_RUN)
        yield f"{named} | {when} |"


def _where(runs: list[Run]) -> Iterator[str]:
    """What the runs had in common; where two machines differ, both."""
    yield "| | |"
    yield "|---|---|"
    for name in dict.fromkeys(name for run in runs for name in run.machine):
        if name not in OF_A_RUN:
            values = dict.fromkeys(run.machine[name] for run in runs if name in run.machine)
            yield f"| {name} | {'; '.join(values)} |"
    for vendor, settings in {run.vendor: run.durability for run in runs}.items():
        yield f"| {NAMES[vendor]} | {', '.join(f'{k}={v}' for k, v in settings.items())} |"


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def _compared(comparisons: list[Comparison]) -> Iterator[str]:
    yield "| what | database | side | amount | min | median | max | ratio, by pairs |"
    yield "|---|---|---|--:|--:|--:|--:|---|"
    for c in comparisons:
        named = f"| {c.what} | {NAMES[c.vendor]}"
        noun = c.unit.removesuffix("/s")
        ratios = ", ".join(map(_times, c.ratios))
        yield f"{named} | ours | {c.ours_size:,} {noun} | {_spread(c.ours, c.unit)} | {ratios} |"
        yield f"{named} | theirs | {c.theirs_size:,} {noun} | {_spread(c.theirs, c.unit)} | |"


def _times(ratio: float) -> str:
    return f"{ratio:.0f}" if ratio >= 10 else f"{ratio:.1f}"


def _without_a_disk(comparisons: list[Comparison]) -> Iterator[str]:
    if comparisons:
        yield "The same with the databases on a RAM disk, so that waiting for a real one to sync,"
        yield "which the baseline does at every event, is in neither side's figures:"
        yield ""
        yield from _compared(comparisons)
        yield ""


def _alone(alone: list[Alone]) -> Iterator[str]:
    yield "| what | database | amount | min | median | max | peak memory |"
    yield "|---|---|--:|--:|--:|--:|--:|"
    for a in alone:
        noun = a.unit.removesuffix("/s") if a.unit != "ms" else "rows or events"
        yield (
            f"| {a.what} | {NAMES[a.vendor]} | {a.size:,} {noun} | {_spread(a.each, a.unit)} "
            f"| {a.peak_memory / 2**20:.0f} MiB |"
        )


def _spread(rates: list[float], unit: str) -> str:
    places = 1 if unit == "ms" else 0
    three = (min(rates), median(rates), max(rates))
    return " | ".join(f"{value:,.{places}f} {unit}" for value in three)
