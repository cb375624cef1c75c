"""The plots of docs/benchmarks.md."""

from pathlib import Path
from statistics import median

import matplotlib
from matplotlib.figure import Figure

from tests.bench.comparing import Comparison

NAMES = {"postgresql": "PostgreSQL", "sqlite": "SQLite"}
THEM = {
    "rebuild": "the library's ProjectionRunner",
    "import": "the plan's RunPython loop",
    "lives": "the library, with one table",
    "lives, by the processor": "the library, with one table",
    "rebuild with the indexes of lists": "four tables with few indexes",
    "rebuild with versions and statistics too": "four tables with few indexes",
    "first import": "row by row into live tables",
    "rebuild on two Dask workers, beside one": "one Dask worker",
    "rebuild on two Dask workers, beside none": "helper processes without Dask",
}
PLAIN = "a plain view that inserts one row"
BAR = 0.38

# The same figures give the same file.
matplotlib.rcParams["svg.hashsalt"] = "restore-log"


def draw(comparisons: list[Comparison], folder: Path) -> list[Path]:
    """One plot for each thing compared, both databases side by side."""
    on_disk = [comparison for comparison in comparisons if comparison.storage == "disk"]
    whats = dict.fromkeys(comparison.what for comparison in on_disk)
    return [_bars(what, [c for c in on_disk if c.what == what], folder) for what in whats]


def _bars(what: str, comparisons: list[Comparison], folder: Path) -> Path:
    """Medians as bars on a logarithmic scale, from the slowest to the fastest run as whiskers."""
    figure = Figure(figsize=(7.2, 3.4), layout="constrained")
    axes = figure.add_subplot()
    for number, (label, of) in enumerate(
        ((THEM.get(what, PLAIN), "theirs"), ("this service", "ours")),
    ):
        rates: list[list[float]] = [getattr(comparison, of) for comparison in comparisons]
        middles = [median(each) for each in rates]
        bars = axes.bar(
            [place + number * BAR for place in range(len(comparisons))],
            middles,
            BAR,
            label=label,
            color=("#b8b8b8", "#2f6f9f")[number],
            yerr=[
                [middle - min(each) for middle, each in zip(middles, rates, strict=True)],
                [max(each) - middle for middle, each in zip(middles, rates, strict=True)],
            ],
            capsize=4,
        )
        axes.bar_label(bars, [f"{middle:,.0f}" for middle in middles], padding=4)
    axes.set_yscale("log")
    axes.margins(y=0.15)
    axes.set_ylabel(f"{comparisons[0].unit} (logarithmic)")
    axes.set_xticks(
        [place + BAR / 2 for place in range(len(comparisons))],
        [NAMES[comparison.vendor] for comparison in comparisons],
    )
    axes.set_title(what)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, loc="upper center", bbox_to_anchor=(0.5, -0.1), ncols=2)
    path = folder / f"{what.replace(',', '').replace(' ', '-')}.svg"
    figure.savefig(path, metadata={"Date": None, "Creator": None})
    return path
