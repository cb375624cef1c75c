"""How the log is searched: by one index, in order of position, whichever filters there are.

A planner without good statistics, such as SQLite's, walks along the wrong index if a request has
several filters. So the one whose index has the fewest events is chosen here, by counting a few,
and the other filters are said in words that no index has.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from django.db import connections
from django.db.models import Q, QuerySet

from infrastructure.event_store.metadata_index import Place
from infrastructure.event_store.models import Event

MANY = 1_000
"""Up to so many events are counted to choose between two filters."""
LAST = 2**63 - 1


class Condition(NamedTuple):
    """What a filter asks for, said in three ways.

    An event fits if it fits one of `indexed`, each of which an index serves; or, the same, `plain`;
    or, the same of an event of `event_heads` in memory, `fits`. A `narrow` condition has few
    events, and is chosen without counting.
    """

    indexed: tuple[Q, ...]
    plain: Q
    fits: Callable[[Any], bool]
    narrow: bool = False


class EventSearch(QuerySet[Event]):
    """The events between two positions that fit all conditions. Only `positions` asks for them."""

    first = 1
    last = LAST
    is_bounded_below = False
    conditions: tuple[Condition, ...] = ()

    def _clone(self) -> "EventSearch":
        made: EventSearch = super()._clone()  # type: ignore[misc]
        made.first, made.last, made.conditions = self.first, self.last, self.conditions
        made.is_bounded_below = self.is_bounded_below
        return made

    def between(self, first: int | None = None, last: int = LAST) -> "EventSearch":
        """Only those from a position to another one, both included."""
        made = self._clone()
        made.last = min(self.last, last)
        if first is not None:
            made.first, made.is_bounded_below = max(self.first, first), True
        return made

    def fitting(self, condition: Condition) -> "EventSearch":
        """Only those that fit this condition too."""
        made = self._clone()
        made.conditions = (*self.conditions, condition)
        return made

    def positions(self, most: int, *, descending: bool = False) -> list[int]:
        """The positions of the first of them, or of the last, nearest first."""
        if self.first > self.last:
            return []
        if not self.conditions:
            rows = Event.objects.filter(position__gte=self.first, position__lte=self.last)
            order = "-position" if descending else "position"
            return list(rows.order_by(order).values_list("position", flat=True)[:most])
        chosen = self._chosen()
        others = Q()
        for condition in self.conditions:
            if condition is not chosen:
                others &= condition.plain
        return self._first_of(chosen, others, most, descending)

    def _chosen(self) -> Condition:
        """The condition to search by."""
        if len(self.conditions) == 1:
            return self.conditions[0]
        narrow = next((one for one in self.conditions if one.narrow), None)
        if narrow is not None:
            return narrow
        counts = self._counts()
        return self.conditions[counts.index(min(counts))]

    def _counts(self) -> list[int]:
        """How many events fit each condition, counted up to `MANY`, in one statement."""
        each, parameters = [], list[Any]()
        for condition in self.conditions:
            text, given = self._statement(condition, Q(), MANY, False)
            each.append(f"(SELECT count(*) FROM ({text}) AS fitting)")
            parameters += given
        with connections[self.db].cursor() as cursor:
            cursor.execute(f"SELECT {', '.join(each)}", parameters)
            return list(cursor.fetchone())

    def _first_of(self, condition: Condition, others: Q, most: int, descending: bool) -> list[int]:
        statement, parameters = self._statement(condition, others, most, descending)
        with connections[self.db].cursor() as cursor:
            cursor.execute(statement, parameters)
            return [position for (position,) in cursor.fetchall()]

    def _statement(
        self, condition: Condition, others: Q, most: int, descending: bool
    ) -> tuple[str, list[Any]]:
        """The nearest of each alternative, and of these the nearest; with its parameters."""
        parts, parameters = [], list[Any]()
        for alternative in condition.indexed:
            rows = Event.objects.annotate(place=Place()).filter(
                alternative, others, place__gte=self.first, place__lte=self.last
            )
            ordered = rows.order_by("-place" if descending else "place").values("position")[:most]
            text, given = ordered.query.get_compiler(self.db).as_sql()
            parts.append(text)
            parameters += given
        statement = parts[0]
        if len(parts) > 1:
            each = " UNION ".join(f"SELECT position FROM ({text}) AS part" for text in parts)
            direction = "DESC" if descending else "ASC"
            statement = f"{each} ORDER BY position {direction} LIMIT {int(most)}"
        return statement, parameters
