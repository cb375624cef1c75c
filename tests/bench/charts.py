"""The plots of docs/benchmarks.md."""

from pathlib import Path
from statistics import median

import pygal
from pygal.style import CleanStyle

from tests.bench.comparing import Comparison

NAMES = {"postgresql": "PostgreSQL", "sqlite": "SQLite"}
THEM = {"rebuild": "the library's ProjectionRunner", "import": "the plan's RunPython loop"}


def draw(comparisons: list[Comparison], folder: Path) -> list[Path]:
    """One plot for each thing compared, both databases side by side; the scale is logarithmic."""
    return [
        _bars(what, [c for c in comparisons if c.what == what and c.storage == "disk"], folder)
        for what in dict.fromkeys(comparison.what for comparison in comparisons)
    ]


def _bars(what: str, comparisons: list[Comparison], folder: Path) -> Path:
    chart = pygal.Bar(
        # No script from elsewhere: a plot is a picture.
        js=[],
        style=CleanStyle,
        logarithmic=True,
        width=720,
        height=360,
        title=f"{what}: {comparisons[0].unit}, median (logarithmic)",
        legend_at_bottom=True,
        print_values=True,
        value_formatter=lambda value: f"{value:,.0f}",
        disable_xml_declaration=True,
    )
    chart.x_labels = [NAMES[comparison.vendor] for comparison in comparisons]
    chart.add(THEM[what], [round(median(comparison.theirs)) for comparison in comparisons])
    chart.add("this service", [round(median(comparison.ours)) for comparison in comparisons])
    path = folder / f"{what}.svg"
    path.write_text(chart.render(is_unicode=True) + "\n", encoding="utf-8")
    return path
