"""Rows on their way to be compared: a batch of them, as columns of cells and as whole rows."""

from collections.abc import Sequence
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
    column by column.
    """

    def __init__(
        self,
        ids: list[int],
        columns: list[Cells],
        streams: Sequence[bytes] = (),
        raw: Sequence[Values] = (),
        overruled: Sequence[Overruled] = (),
        rows: list[str] | None = None,
    ) -> None:
        self.ids = ids
        self.columns = columns
        self.streams = streams
        self.raw = raw
        self.overruled = overruled
        self.rows = rows or list(map("".join, zip(*columns, strict=True)))
        self.unfit: dict[int, int] = {}
        for number, cells in enumerate(columns):
            if UNFIT in cells:
                for index, cell in enumerate(cells):
                    if cell == UNFIT:
                        self.unfit.setdefault(index, number)

    def cells(self, index: int) -> Cells:
        """The cells of one row."""
        return [column[index] for column in self.columns]

    def part(self, start: int, end: int) -> "Chunk":
        """The rows from one index up to another."""
        return Chunk(
            self.ids[start:end],
            [column[start:end] for column in self.columns],
            rows=self.rows[start:end],
        )
