"""The rows of a table as of a position of the log, from the table of their versions."""

from collections.abc import Mapping
from typing import Any

from django.db import connections
from django.db.models import Q, QuerySet
from django.db.models.expressions import OrderBy

from domain.consolidation.values import Scope
from projections.engine import version_cells
from projections.row_versions.sql import sql


def valid_at(versions: QuerySet[Any], position: int, scope: str) -> QuerySet[Any]:
    """Those of these versions that were valid at a position, of rows that were in this scope."""
    found = versions.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=position))
    found = found.filter(valid_from__lte=position)
    return found if scope == Scope.ALL else found.exclude(origin="legacy")


def first_keys(
    versions: QuerySet[Any], position: int, order: Mapping[str, OrderBy], count: int
) -> list[int]:
    """The keys of the first of the versions that `valid_at` found at a position, in this order.

    `order` has the ordering by each column's name.
    One statement that reads each block and all cells by themselves: see `version_cells`. By the
    restore's UUID it reads the index of its versions, in which every restore has only a few.
    """
    parts = [Q(block=number) for number in version_cells.blocks(position)]
    parts.append(Q(cell__in=version_cells.cells(position)))
    if next(iter(order)) == "restore_id":
        parts = [Q()]
    selected = versions.order_by(*order.values()).values_list("valid_from", *order)
    compiled = [
        selected.filter(part)[:count].query.get_compiler(versions.db).as_sql() for part in parts
    ]
    statement = sql("any", "first_of_parts").format(
        parts="\nUNION ALL\n".join(f"SELECT * FROM ({part}) AS part" for part, _ in compiled),
        order=", ".join(_written(*one) for one in order.items()),
        count=count,
    )
    with connections[versions.db].cursor() as cursor:
        cursor.execute(statement, [one for _, parameters in compiled for one in parameters])
        return [row[0] for row in cursor.fetchall()]


def _written(column: str, one: OrderBy) -> str:
    nulls = " NULLS FIRST" if one.nulls_first else " NULLS LAST" if one.nulls_last else ""
    return f'"{column}" {"DESC" if one.descending else "ASC"}{nulls}'
