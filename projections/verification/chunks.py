"""Rows on their way to be compared: a batch of them, as columns of cells and as whole rows."""

from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

from projections.verification.cells import UNFIT, Cells, Values


class Overruled(NamedTuple):
    """The host changed a column after it was amended here; the amendment stands."""

    pk: int
    column: str
    host: str
    amended: str


class Chunk:
    """Rows in order of id. `columns` are in the table's order; `rows` are their cells joined.

    `unfit` says, by index, the number of the column that cannot hold what it should: such a row
    must not stand in the table. `streams` are the rows' streams; `raw` is what the host says,
    column by column, which is not all that counts if rows were `amended`.
    """

    def __init__(
        self,
        ids: list[int],
        columns: list[Cells],
        streams: Sequence[str] = (),
        raw: Sequence[Values] = (),
        overruled: Sequence[Overruled] = (),
        amended: bool = False,
    ) -> None:
        self.ids = ids
        self.columns = columns
        self.streams = streams
        self.raw = raw
        self.overruled = overruled
        self.amended = amended

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

    def cells(self, index: int) -> Cells:
        """The cells of one row."""
        return [column[index] for column in self.columns]
