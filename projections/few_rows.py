"""Conditions that leave few rows: on SQLite, a list reads these by the condition's own index.

SQLite knows nothing of how many rows a condition leaves. For a list in the order of one column it
reads that column's index until the page is full; where a condition leaves few rows, that is to its
end. So the rows of a condition are counted before, as far as `FEW`. PostgreSQL knows, and chooses
itself.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple, cast

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import Index, Q, QuerySet
from django.db.models.expressions import Col
from django.db.models.lookups import Exact, In, IsNull
from django.db.models.sql.where import AND, WhereNode

from projections.by_index import by_index

FEW = 5_000
"""Rows that are read and sorted in less time than an index of the order takes."""
PART = "block"
"""The column that divides versions of rows into parts, each of which is read by itself."""


class _Condition(NamedTuple):
    """A condition of a query, and the index that can answer it."""

    lookup: Any
    answered_by: str


def index_of_few(rows: QuerySet[Any]) -> str | None:
    """On SQLite, the index of a condition of these rows that leaves few; None if there is none."""
    if connections[rows.db].vendor != "sqlite":
        return None
    conditions = list(_conditions(rows))
    if not conditions:
        return None
    counted = [_counted(rows, one) for one in conditions]
    # They are counted in turn, until one leaves few.
    cases = " ".join(f"WHEN ({sql}) <= {FEW} THEN {at}" for at, (sql, _) in enumerate(counted))
    with connections[rows.db].cursor() as cursor:
        cursor.execute(f"SELECT CASE {cases} END", [one for _, given in counted for one in given])
        (at,) = cursor.fetchone()
    return None if at is None else conditions[at].answered_by


def has_one(rows: QuerySet[Any], column: str) -> bool:
    """Whether these are the rows with one value in this column."""
    return any(isinstance(one, Exact) and _column(one) == column for one in _lookups(rows))


def _conditions(rows: QuerySet[Any]) -> Iterator[_Condition]:
    """Those conditions of these rows that an index of their table answers.

    Equality only in parts: in a whole table SQLite takes its index by itself.
    """
    lookups = {_column(lookup): lookup for lookup in _lookups(rows)}
    for index in cast(list[Index], rows.model._meta.indexes):
        columns = [name for name in index.fields if name != PART]
        lookup = lookups.get(columns[0]) if columns else None
        # To count rows of parts by an index of all of them, each would be read.
        if lookup is None or (PART in lookups) != (PART in index.fields):
            continue
        needs = {name for name, _ in cast(Any, index.condition or Q()).children}
        has_value = f"{columns[0]}__isnull"
        if needs - {f"{PART}__isnull", has_value}:
            continue
        if has_value in needs if isinstance(lookup, IsNull) else PART in lookups:
            yield _Condition(lookup, index.name)


def _counted(rows: QuerySet[Any], condition: _Condition) -> tuple[str, tuple[Any, ...]]:
    """The statement that counts the rows of this condition, as far as `FEW`; its parameters."""
    parts = [one for one in _lookups(rows) if _column(one) == PART]
    found = by_index(rows.order_by(), condition.answered_by)
    cast(Any, found.query).where = WhereNode([condition.lookup, *parts])
    # Of the index alone: no row is read.
    column = PART if parts else _column(condition.lookup)
    try:
        query = cast(Any, found.values(column)[: FEW + 1].query)
        sql, given = query.get_compiler(rows.db).as_sql()
    except EmptyResultSet:
        return "0", ()
    return f"SELECT count(*) FROM ({sql})", given


def _lookups(rows: QuerySet[Any]) -> Iterator[Any]:
    """What every one of these rows fulfils: what a column equals, or that it has a value."""
    waiting = [cast(Any, rows.query).where]
    while waiting:
        node = waiting.pop()
        if isinstance(node, WhereNode):
            if node.connector == AND and not node.negated:
                waiting.extend(node.children)
        elif isinstance(getattr(node, "lhs", None), Col) and (
            isinstance(node, Exact)
            or (isinstance(node, IsNull) and not node.rhs)
            or (isinstance(node, In) and _column(node) == PART)
        ):
            yield node


def _column(lookup: Any) -> str:
    name: str = lookup.lhs.target.attname
    return name
