"""What a database says it would do for a statement."""

from collections.abc import Callable, Iterator
from typing import Any

import msgspec
from django.db import connection
from django.test.utils import CaptureQueriesContext

MANY = 1_000
"""To put fewer rows than this in order costs nothing."""


def statements(table: str, act: Callable[[], Any]) -> tuple[list[str], Any]:
    """The statements by which `act` reads from this table, and what it returns."""
    with CaptureQueriesContext(connection) as captured:
        result = act()
    found = [one["sql"] for one in captured if one["sql"].startswith("SELECT")]
    return [sql for sql in found if f'FROM "{table}"' in sql], result


def whole_reads(statement: str, table: str) -> list[str]:
    """The steps that read every row of the table, without an index, to find the ids of a page.

    To fetch the rows with these ids, PostgreSQL may read a small table as a whole.
    """
    if connection.vendor == "sqlite":
        return [
            detail
            for _, _, detail in _query_plan(statement)
            if detail.startswith(("SCAN U0", "SCAN V0")) and "USING" not in detail
        ]
    return [
        f"{node['Node Type']} {node.get('Filter', '')}"
        for node in _nodes(statement)
        if node["Node Type"] in ("Seq Scan", "Parallel Seq Scan")
        and (node["Relation Name"], node["Alias"][0]) in ((table, "u"), (table, "v"))
    ]


def indexes_read(statement: str, table: str) -> list[str]:
    """How the table is read, wherever the statement does: the index, or the step without one."""
    if connection.vendor == "sqlite":
        steps = [step for _, _, step in _query_plan(statement) if f" {table}" in step]
        return [step.partition(" INDEX ")[2].partition(" ")[0] or step for step in steps]
    return [
        str(node.get("Index Name", node["Node Type"]))
        for node in _nodes(statement)
        if "Index Name" in node or node["Node Type"] in ("Seq Scan", "Parallel Seq Scan")
    ]


def used_indexes(statement: str) -> set[str]:
    """All indexes that the statement reads, of any table."""
    if connection.vendor == "sqlite":
        steps = [step for _, _, step in _query_plan(statement)]
        return {step.partition(" INDEX ")[2].partition(" ")[0] for step in steps}
    return {str(node["Index Name"]) for node in _nodes(statement) if "Index Name" in node}


def sorts_of_many(statement: str) -> list[str]:
    """The steps in which more rows than those of a page are put in order."""
    if connection.vendor == "sqlite":
        # Those of the page are put in order last, outside the part that finds their ids.
        return [
            detail
            for _, parent, detail in _query_plan(statement)
            if parent and detail == "USE TEMP B-TREE FOR ORDER BY"
        ]
    return [
        f"Sort of {node['Plans'][0]['Plan Rows']} rows by {node['Sort Key']}"
        for node in _nodes(statement)
        if node["Node Type"] == "Sort" and node["Plans"][0]["Plan Rows"] > MANY
    ]


def starts_at(statement: str) -> list[str]:
    """The conditions with which the statement begins in the middle of an index."""
    if connection.vendor == "sqlite":
        return [
            detail
            for _, parent, detail in _query_plan(statement)
            if parent and detail.startswith("SEARCH") and detail.endswith(")")
        ]
    return [node["Index Cond"] for node in _nodes(statement) if "Index Cond" in node]


def _query_plan(statement: str) -> list[tuple[int, int, str]]:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {statement}".replace("%", "%%"), [])
        return [(row[0], row[1], row[3]) for row in cursor.fetchall()]


def _nodes(statement: str) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {statement}")
        found = cursor.fetchone()[0]
    plan = msgspec.json.decode(found) if isinstance(found, str) else found
    return list(_below(plan[0]["Plan"]))


def _below(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("Plans", ()):
        yield from _below(child)
