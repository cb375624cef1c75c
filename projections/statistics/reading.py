"""Reads counts: from the sums, and what is at an interval's edges from the rows themselves."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
from django.db import connections

from projections.statistics.contribution import Counts, Fact, fact_of
from projections.statistics.intervals import FIRST, LAST, Interval, Piece
from projections.statistics.models import Dimension
from projections.statistics.sql import sql

Groups = dict[tuple[int, str | None], Counts]
"""Counts by the number of a piece and the value of a dimension."""

COLUMN = {
    "target_database": "target_database",
    "restore_type": "restore_type",
    "trigger_type": "trigger_type",
    # As in `contribution.person_of`.
    "requested_by": "coalesce(created_by_username, created_by_id)",
    "status": "status",
    "moment": "coalesce(completed_at, started_at, created_at)",
}
"""The dimensions in the table of restores, in SQL."""
OF_PERSON = " AND (created_by_username = %s OR created_by_username IS NULL AND created_by_id = %s)"
"""The same as `requested_by` is one person, as the indexes of both columns have it."""
STATUS = "status"
MOMENT = "moment"
"""Further columns to read by."""
JOINED = {"postgresql": "string_agg", "sqlite": "group_concat"}

_numbers = msgspec.json.Decoder(list[int]).decode


class CountReader:
    """Reads counts of rows with these origins."""

    def __init__(self, using: str, origins: Sequence[str], only: Mapping[str, str]) -> None:
        self.connection = connections[using]
        self.origins = origins
        self.only = only

    def sums(
        self,
        pieces: Sequence[Piece],
        dimension: Dimension,
        value: str | None = None,
        *,
        durations: bool = True,
        values: Sequence[str | None] | None = None,
        by_period: bool = False,
    ) -> Groups:
        """The sums of these pieces by the values of a dimension; only one, or some, of them.

        `by_period`: of all values together, by the beginning of each period in ISO 8601.
        """
        groups: Groups = defaultdict(Counts)
        if not pieces:
            return groups
        conditions, arguments = "", list[Any]()
        if value is not None:
            conditions, arguments = "AND sums.value = %s", [value]
        elif values is not None:
            named = [one for one in values if one is not None]
            either = [f"sums.value IN ({marks(named)})"] if named else []
            either += ["sums.value IS NULL"] if None in values else []
            conditions, arguments = f"AND ({' OR '.join(either)})", named
        joined = f"{JOINED[self.connection.vendor]}(nullif(sums.durations, '[]'), '')"
        statement = sql("sums").format(
            pieces=", ".join(["(%s, %s, %s, %s, %s)"] * len(pieces)),
            durations=joined if durations else "NULL",
            origins=marks(self.origins),
            conditions=conditions,
            value="sums.begins" if by_period else "sums.value",
        )
        given = [
            one
            for piece in pieces
            for one in (piece.number, piece.taken, piece.grain, *self._times(*piece[2:4]))
        ]
        found = self.read(statement, [*given, dimension.value, *self.origins, *arguments])
        for number, taken, told, *counts, histograms in found:
            flat = _numbers(histograms.replace("][", ",")) if histograms else []
            one = groups[number, as_time(told).isoformat() if by_period else told]
            change = one.take if taken else one.add
            change(map(int, counts), zip(flat[::2], flat[1::2], strict=True))
        return {key: counts for key, counts in groups.items() if any(counts.numbers)}

    def rows(self, pieces: Sequence[Piece], by: str | None, *, few: bool = True) -> Groups:
        """The same of the restores' own rows. `few`: these pieces have few, filtered or not."""
        groups: Groups = defaultdict(Counts)
        for number, value, fact, times in self._facts(pieces, by, few=few):
            groups[number, value].count(fact, times)
        return groups

    def by_moment(self, piece: Piece) -> Iterator[tuple[datetime, Fact, int]]:
        """The restores of a piece by their own rows: when they count, and how many do then."""
        for _, moment, fact, times in self._facts([piece], MOMENT, few=False):
            yield as_time(moment), fact, times

    def _facts(
        self, pieces: Sequence[Piece], by: str | None, *, few: bool
    ) -> Iterator[tuple[int, Any, Fact, int]]:
        if not pieces:
            return
        conditions, only = self._conditions(by_index=not few)
        statement = sql("rows").format(
            pieces=self._ranges(pieces), value=COLUMN[by] if by else "''", conditions=conditions
        )
        for number, value, status, validation, seconds, backwards, times in self.read(
            statement, [*self._bounds(pieces), *only * 3]
        ):
            yield number, value, fact_of(status, validation, seconds, bool(backwards)), times

    def running(self, interval: Interval, by: str | None) -> Iterable[tuple[Any, str, int]]:
        """How many run and wait: by value, status and number; with `by` MOMENT by the time."""
        conditions, only = self._conditions(by_index=False)
        value = COLUMN[by] if by else "''"
        statement = sql("running").format(value=value, conditions=conditions)
        found = self.read(statement, [*self._ends(interval), *only])
        if by != MOMENT:
            return found
        return [(as_time(moment), status, number) for moment, status, number in found]

    def longest(
        self, interval: Interval, pieces: Sequence[Piece], shortest: int, most: int
    ) -> list[dict[str, Any]]:
        """The longest restores, none of which is shorter than `shortest` seconds.

        With `pieces` they are found among all restores in these, else by their durations.
        """
        conditions, only = self._conditions(by_index=bool(pieces))
        if pieces:
            statement = sql("longest_of_few").format(
                pieces=self._ranges(pieces), conditions=conditions
            )
            given = [*self._bounds(pieces), *[shortest, *only] * 3, most]
        else:
            statement = sql("longest_of_many").format(conditions=conditions)
            given = [shortest, *self._ends(interval), *only, most]
        return shown(self.read(statement, given))

    def prefer_indexes(self) -> None:
        """For the rest of the transaction: PostgreSQL looks up each piece in an index."""
        if self.connection.vendor == "postgresql":
            self.read(sql("postgresql", "by_index"), [])

    def _conditions(self, *, by_index: bool) -> tuple[str, list[str]]:
        """The filters in SQL, and their values. Unless `by_index`, no index of theirs is used:
        another one leaves fewer rows, which not every database knows."""
        said, values = "", list[str]()
        for name, value in self.only.items():
            if by_index and name == "requested_by":
                said, values = said + OF_PERSON, [*values, value, value]
            else:
                rest = "" if by_index else " || ''"
                said, values = f"{said} AND {COLUMN[name]}{rest} = %s", [*values, value]
        return said, values

    def _ranges(self, pieces: Sequence[Piece]) -> str:
        return ", ".join(["(%s, %s, %s)"] * len(pieces))

    def _bounds(self, pieces: Sequence[Piece]) -> list[Any]:
        return [one for piece in pieces for one in (piece.number, *self._times(*piece[2:4]))]

    def _ends(self, interval: Interval) -> list[Any]:
        return self._times(interval.since or FIRST, interval.before or LAST)

    def _times(self, *moments: datetime) -> list[Any]:
        adapted = self.connection.ops.adapt_datetimefield_value
        return [adapted(moment) for moment in moments]

    def backup_conditions(
        self, interval: Interval, wanted: Mapping[str, str]
    ) -> tuple[str, list[Any]]:
        """In SQL, which backups were made in an interval and have these values; and the values."""
        bounds = {"created_at >= %s": interval.since, "created_at < %s": interval.before}
        said = [text for text, moment in bounds.items() if moment is not None]
        given = self._times(*(moment for moment in bounds.values() if moment is not None))
        said += [f"{column} = %s" for column in wanted]
        return " AND ".join(said) or "1 = 1", [*given, *wanted.values()]

    def read(self, statement: str, given: Sequence[Any]) -> list[tuple[Any, ...]]:
        """The rows that a statement finds."""
        with self.connection.cursor() as cursor:
            cursor.execute(statement, given)
            rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def shown(rows: Iterable[Sequence[Any]]) -> list[dict[str, Any]]:
    """The longest restores, as an answer tells them."""
    return [
        {
            "id": row[0],
            "restore_id": hyphened(row[1]),
            "name": row[2],
            "status": row[3],
            "target_database": row[4],
            "duration_seconds": row[5],
            "counts_at": as_time(row[6]),
        }
        for row in rows
    ]


def marks(values: Sequence[Any]) -> str:
    """A placeholder for each of these values."""
    return ", ".join(["%s"] * len(values))


def as_time(value: Any) -> datetime:
    """A time, as either database returns it."""
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def hyphened(value: Any) -> str:
    """A UUID as text, as either database returns it."""
    text = value.hex if isinstance(value, UUID) else value
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
