"""The rows of a table as of a position of the log, from the table of their versions."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.models import BigIntegerField, F, Q, QuerySet
from django.db.models.expressions import OrderBy, RawSQL

from domain.consolidation.values import Scope
from projections.by_index import by_index, is_by_key
from projections.engine import version_cells
from projections.few_rows import has_one, index_of_few
from projections.row_versions.models import ABSENT_INDEX, CELL_INDEX
from projections.row_versions.sql import sql


def valid_at(versions: QuerySet[Any], position: int, scope: str) -> QuerySet[Any]:
    """Those of these versions that were valid at a position, of rows that were in this scope."""
    found: QuerySet[Any] = versions.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=position))
    # The sum keeps SQLite from reading by the primary key, which has all versions up to there.
    found = found.alias(_from=F("valid_from") + 0).filter(_from__lte=position)
    return found if scope == Scope.ALL else found.filter(~Q(origin="legacy"))


def not_in_table(versions: QuerySet[Any]) -> QuerySet[Any]:
    """Those of these versions whose rows were not in the table. There are few, in any log.

    Filter before: SQLite does not find the index's condition within an OR of two querysets.
    """
    return by_index(versions.filter(present=False), ABSENT_INDEX)


def first_keys(
    versions: QuerySet[Any],
    position: int,
    order: Mapping[str, OrderBy],
    count: int,
    *,
    absent: Mapping[str, OrderBy] | None = None,
    only_absent: bool = False,
) -> RawSQL | list[int]:
    """The keys of the first of the versions that `valid_at` found at a position, to filter by.

    `order` has the ordering by each column's name. `absent` is the same ordering where columns can
    be NULL: also versions of rows that were not in the table are then found, which are few. With
    `only_absent` no others are looked for: no block has any, which each database would read to see.
    One statement that reads each block and all cells by themselves: see `version_cells`. By the
    restore's UUID, and those of one restore, it reads the index of its versions, in which every
    restore has only a few. Those of a search on SQLite are known by their keys, and are few.
    """
    if versions.query.is_empty():
        return []
    there = versions if absent is None else versions.filter(present=True)
    if only_absent:
        parts = []
    elif next(iter(order)) == "restore_id" or has_one(there, "restore_id") or is_by_key(versions):
        parts = [there]
    else:
        parts = _parts(there, position)
    found = [_first_of(part, order, count) for part in parts]
    if absent is not None:
        found.append(_first_of(not_in_table(versions), absent, count))
        order = absent
    compiled = [one for one in found if one is not None]
    if not compiled:
        return []
    statement = sql("any", "first_of_parts").format(
        parts="\nUNION ALL\n".join(f"SELECT * FROM ({part}) AS part" for part, _ in compiled),
        order=", ".join(_written(*one) for one in order.items()),
        count=count,
    )
    given = [one for _, parameters in compiled for one in parameters]
    return RawSQL(statement, given, output_field=BigIntegerField())


def _parts(versions: QuerySet[Any], position: int) -> list[QuerySet[Any]]:
    """Each block of these versions, and their cells."""
    blocks = version_cells.blocks(position)
    index = index_of_few(versions.filter(block__in=blocks))
    parts = [versions.filter(block=number) for number in blocks]
    cells = versions.filter(cell__in=version_cells.cells(position))
    return [*(by_index(one, index) if index else one for one in parts), by_index(cells, CELL_INDEX)]


def _first_of(
    versions: QuerySet[Any], order: Mapping[str, OrderBy], count: int
) -> tuple[str, tuple[Any, ...]] | None:
    """The statement, and its parameters, for the first of these versions.

    None if there are none, as Django knows: a number is asked for that the column cannot hold.
    """
    selected = versions.order_by(*order.values()).values_list("valid_from", *order)[:count]
    try:
        sql, parameters = selected.query.get_compiler(versions.db).as_sql()
    except EmptyResultSet:
        return None
    return sql, tuple(parameters)


def _written(column: str, one: OrderBy) -> str:
    nulls = " NULLS FIRST" if one.nulls_first else " NULLS LAST" if one.nulls_last else ""
    return f'"{column}" {"DESC" if one.descending else "ASC"}{nulls}'
