"""A table for people: as wide as the terminal, or, in a pipe, as wide as it needs to be."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from infrastructure.printable import printable

GAP = "  "
STYLES = {"failed": "red", "partial": "yellow", "in_progress": "cyan"}
"""Words that stand out on a terminal."""


def terminal_width(output: IO[str]) -> int | None:
    """The width of the terminal that the output goes to; None if it goes elsewhere."""
    return shutil.get_terminal_size().columns if output.isatty() else None


@dataclass
class Column:
    """One column: how narrow it may become, and whether it may be left out (the highest first)."""

    name: str
    cells: Sequence[str]
    least: int | None = None
    """None: its cells are never cut."""
    expendable: int = 0
    """0: it is always shown."""

    @property
    def width(self) -> int:
        return max(map(cell_len, (self.name, *self.cells)))


def fitted_table(columns: Sequence[Column], width: int | None) -> Text:
    """The rows under the columns' names. Without a width nothing is cut or left out."""
    columns = [
        Column(one.name, [printable(cell) for cell in one.cells], one.least, one.expendable)
        for one in columns
    ]
    widths = [one.width for one in columns]
    if width is not None:
        columns, widths = _fitted(columns, width)
    table = Text(_line([one.name for one in columns], widths).plain)
    for cells in zip(*(one.cells for one in columns), strict=True):
        table.append("\n").append(_line(cells, widths))
    return table


def _line(cells: Sequence[str], widths: Sequence[int]) -> Text:
    line = Text()
    for cell, width in zip(cells, widths, strict=True):
        if line:
            line.append(GAP)
        cut = cell if cell_len(cell) <= width else f"{set_cell_size(cell, width - 1).rstrip()}…"
        line.append(set_cell_size(cut, width), STYLES.get(cell))
    line.rstrip()
    return line


def _fitted(columns: list[Column], width: int) -> tuple[list[Column], list[int]]:
    """The columns that fit, and their widths: left out one by one, then cut evenly."""
    columns = list(columns)
    while _total(_narrowest(columns)) > width and any(one.expendable for one in columns):
        columns.remove(max(columns, key=lambda one: one.expendable))
    widths = [one.width for one in columns]
    least = _narrowest(columns)
    while _total(widths) > width and widths != least:
        # The widest that may still be narrower gives way.
        widest = max(
            (n for n in range(len(columns)) if widths[n] > least[n]), key=lambda n: widths[n]
        )
        widths[widest] -= 1
    return columns, widths


def _narrowest(columns: Sequence[Column]) -> list[int]:
    return [
        one.width if one.least is None else min(one.width, max(one.least, cell_len(one.name)))
        for one in columns
    ]


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + len(GAP) * (len(widths) - 1)
