"""Reads counts as of a position of the log, from the versions of the restores' rows."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.db import connections

from projections.engine import version_cells
from projections.statistics.contribution import Fact, fact_of
from projections.statistics.intervals import Interval, Piece
from projections.statistics.reading import COLUMN, MOMENT, CountReader, as_time, marks, shown
from projections.statistics.sql import sql

SHOWN = "id, restore_id, name, status, target_database, duration_seconds"
MOMENT_THEN = f"{COLUMN[MOMENT]} AS moment"
BACKWARDS = "coalesce(completed_at < started_at, FALSE) AS backwards"


class PastReader(CountReader):
    """Reads one answer's counts as of a position.

    There are no sums of the past, so all restores of an interval are counted, in one piece.
    """

    def __init__(
        self, using: str, origins: Sequence[str], only: Mapping[str, str], position: int
    ) -> None:
        self.connection = connections[using]
        self.origins, self.only = origins, only
        conditions, values = self._conditions(by_index=True)
        self._of_origins = (
            f"valid_from <= {position} AND (valid_to IS NULL OR valid_to > {position}) "
            f"AND present AND origin IN ({marks(origins)})"
        )
        self._valid = self._of_origins + conditions
        self._values = [*origins, *values]
        self._blocks = ", ".join(map(str, version_cells.blocks(position)))
        self._cells = ", ".join(map(str, version_cells.cells(position)))

    def _facts(
        self, pieces: Sequence[Piece], by: str | None, *, few: bool
    ) -> Iterator[tuple[int, Any, Fact, int]]:
        (piece,) = pieces
        value = COLUMN[by] if by else "''"
        ended, given = self._ended(
            piece, f"{value} AS value, status, validation, duration_seconds, {BACKWARDS}"
        )
        for told, status, validation, seconds, backwards, times in self.read(
            sql("rows_then").format(ended=ended), given
        ):
            yield piece.number, told, fact_of(status, validation, seconds, bool(backwards)), times

    def running(self, interval: Interval, by: str | None) -> Iterable[tuple[Any, str, int]]:
        statement = sql("running_then").format(
            value=COLUMN[by] if by else "''", cells=self._cells, valid=self._valid
        )
        found = self.read(statement, [*self._ends(interval), *self._values])
        if by != MOMENT:
            return found
        return [(as_time(moment), status, number) for moment, status, number in found]

    def longest(
        self, interval: Interval, pieces: Sequence[Piece], shortest: int, most: int
    ) -> list[dict[str, Any]]:
        if pieces:
            (piece,) = pieces
            ended, given = self._ended(piece, f"{SHOWN}, {MOMENT_THEN}, {BACKWARDS}")
            statement = sql("longest_of_few_then").format(ended=ended)
            return shown(self.read(statement, [*given, shortest, most]))
        statement = sql("longest_then").format(blocks=self._blocks, valid=self._valid)
        return shown(self.read(statement, [shortest, *self._ends(interval), *self._values, most]))

    def restored(self) -> list[tuple[int, str | None]]:
        """The backups that restores of these origins were made from, each with every result of a
        check of one that completed, or partly did."""
        statement = sql("restored_then").format(
            blocks=self._blocks, cells=self._cells, valid=self._of_origins
        )
        return [(id, result) for id, result in self.read(statement, self.origins)]

    def _ended(self, piece: Piece, columns: str) -> tuple[str, list[Any]]:
        """The restores of a piece that had ended, as a statement and its values."""
        statement = sql("ended_then").format(
            columns=columns, blocks=self._blocks, valid=self._valid
        )
        return statement, [*self._times(piece.begins, piece.ends), *self._values] * 3
