"""Batches of rows for the comparison, as columns of cells and as whole rows."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any, Literal, NamedTuple

from projections.verification.cells import UNFIT, Cells, Values


class Overruled(NamedTuple):
    """The host changed a column after it was amended here; the amendment stays in force."""

    pk: int
    column: str
    host: str
    amended: str


Speaker = Literal["host", "here", "retired"]
"""The source of a value: the host; a record or an amendment here; or the host before its legacy
tables were retired, according to the log."""


class CellViolation(NamedTuple):
    """A value that a column cannot hold: the column's number, the value, and its source."""

    column: int
    value: object
    by: Speaker


class ComparedChunk:
    """Rows in order of id. `columns` are in the table's order; `rows` are their cells joined.

    `unfit` has, by index, the number of the column that cannot hold its value: such a row must not
    be in the table. `streams` are the rows' streams; `raw` are the host's values, column by column,
    which are not the final ones if rows were `amended`. `misfits` are values from other sources
    than the host that a column cannot hold, by index and number of the column; `kept` is the form
    in which an event stores the host's value for a column.
    """

    def __init__(
        self,
        ids: list[int],
        columns: list[Cells],
        streams: Sequence[str] = (),
        raw: Sequence[Values] = (),
        overruled: Sequence[Overruled] = (),
        amended: bool = False,
        misfits: Mapping[tuple[int, int], CellViolation] | None = None,
        kept: Callable[[int, Any], object] = lambda number, value: value,
    ) -> None:
        self.ids = ids
        self.columns = columns
        self.streams = streams
        self.raw = raw
        self.overruled = overruled
        self.amended = amended
        self.misfits = misfits or {}
        self.kept = kept

    @cached_property
    def rows(self) -> list[str]:
        return list(map("".join, zip(*self.columns, strict=True)))

    @cached_property
    def unfit(self) -> dict[int, int]:
        unfit: dict[int, int] = {}
        for number, cells in enumerate(self.columns):
            if UNFIT in cells:
                for index, cell in enumerate(cells):
                    if cell == UNFIT:
                        unfit.setdefault(index, number)
        return unfit

    def misfit(self, index: int) -> CellViolation:
        """The value that keeps an unfit row out of the table."""
        number = self.unfit[index]
        misfit = self.misfits.get((index, number))
        if misfit is not None:
            return misfit
        return CellViolation(number, self.kept(number, self.raw[number][index]), "host")

    def cells(self, index: int) -> Cells:
        """The cells of one row."""
        return [column[index] for column in self.columns]
