"""The page that says what was measured, and how to read it."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from statistics import median

import msgspec

from tests.bench.comparing import Alone, Comparison

NAMES = {"postgresql": "PostgreSQL", "sqlite": "SQLite"}
READING = Path(__file__).with_name("reading.md")


class Report(msgspec.Struct, kw_only=True):
    """Everything that a run found; `results.json` is this."""

    machine: dict[str, str]
    durability: dict[str, dict[str, str]]
    minutes: float
    pairs: int
    comparisons: list[Comparison]
    alone: list[Alone]


def page(report: Report, plots: Iterable[str]) -> str:
    """The report in Markdown; `plots` are their paths, relative to the page."""
    return "\n".join(
        [
            "# Benchmarks",
            "",
            "Written by `make bench`; do not edit. The numbers are one machine's, the ratios"
            " less so; a machine that had other work to do (see its load below) says little.",
            "",
            *verdict(report.comparisons),
            "",
            *[f"![{Path(plot).stem}]({plot})\n" for plot in plots],
            "## Side by side",
            "",
            *_compared([c for c in report.comparisons if c.storage == "disk"]),
            "",
            *_without_a_disk([c for c in report.comparisons if c.storage == "memory"]),
            *(["## Ours alone", "", *_alone(report.alone), ""] if report.alone else []),
            READING.read_text(encoding="utf-8").rstrip(),
            "",
            "## Where",
            "",
            "| | |",
            "|---|---|",
            *(f"| {name} | {value} |" for name, value in report.machine.items()),
            *(
                f"| {NAMES[vendor]} | {', '.join(f'{k}={v}' for k, v in settings.items())} |"
                for vendor, settings in report.durability.items()
            ),
            f"| the run | {report.pairs} pairs, {report.minutes:.1f} minutes |",
            "",
        ]
    )


def verdict(comparisons: Iterable[Comparison]) -> Iterator[str]:
    """A line for each target: met or missed, and by how much."""
    for comparison in comparisons:
        if comparison.target is not None:
            times = _times(median(comparison.ratios))
            yield (
                f"- **{comparison.what} on {NAMES[comparison.vendor]}: "
                f"{times} times as fast**, of {comparison.target:.0f} asked for: "
                f"{'met' if comparison.met else 'missed'}"
            )


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
