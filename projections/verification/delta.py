"""The verification of the rows that were changed since a full one, inside a transaction.

A full verification takes time, and restores are recorded meanwhile. So the last step of a cut-over
locks appends and compares the rows changed since: each with its stream in the log, in the same way
as a full verification.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from domain.backups.events import HostBackupRow
from domain.restores.events import HostRow
from projections.verification.actual.readers import ServiceReader, service_on
from projections.verification.actual.rows import wanted_of
from projections.verification.cells import UNFIT, Cells, cell_value, expected, found
from projections.verification.differences import Difference
from projections.verification.expected.from_log import cells_from_log
from projections.verification.expected.from_service import row_of, said
from projections.verification.expected.schema import BIGINT, TABLES, ExpectedTable
from projections.verification.log_index import PER_QUERY, Entry, entries_of
from projections.verification.sql import query


@dataclass
class Delta:
    """The compared rows, and the differences.

    `streams` are the restores and backups with later events; `unfit` are those of them that a table
    should hold but cannot.
    """

    rows: int = 0
    differences: list[Difference] = field(default_factory=list)
    streams: set[str] = field(default_factory=set)
    unfit: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class ComparedTable:
    """The table with a projection's rows, and its scope.

    Without a table, only rows that do not fit are looked for.
    """

    table: str | None
    scope: str


def verify_delta(
    vendor: str, connection: Any, places: Mapping[str, ComparedTable], *, since: int, id_offset: int
) -> Delta:
    """Compare the rows of every restore and backup that has events after a position.

    `connection` is the driver's, in a transaction that locks appends; `vendor` is Django's name
    for it. `places` are the projections to compare, by label.
    """
    service = service_on(vendor, connection)
    streams: dict[str, set[str]] = {"restore": set(), "backup": set()}
    for stream, topic in service.rows(query("touched"), (since,)):
        known = streams.get(topic.partition(".")[0])
        if known is not None:
            known.add(stream.hex if isinstance(stream, UUID) else str(stream))
    result = Delta(streams=set().union(*streams.values()))
    for label, place in places.items():
        table = TABLES[label]
        some = sorted(streams[table.subject])
        for start in range(0, len(some), PER_QUERY):
            _compare(service, table, place, some[start : start + PER_QUERY], id_offset, result)
    return result


def _compare(
    service: ServiceReader,
    table: ExpectedTable,
    place: ComparedTable,
    streams: Sequence[str],
    id_offset: int,
    result: Delta,
) -> None:
    entries = entries_of(service, streams, BIGINT)
    stored = _stored(service, table, place.table, streams) if place.table else None
    for stream in streams:
        must = _expected(table, place.scope, stream, entries[stream], id_offset)
        if must is not None and UNFIT in must:
            result.unfit.add(stream)
            must = None
        if stored is None:
            continue
        there = stored.get(f"u36:{UUID(stream)}")
        result.rows += 1
        if must != there:
            result.differences += _differences(table, must, there)


def _stored(
    service: ServiceReader, table: ExpectedTable, name: str, streams: Sequence[str]
) -> dict[str, Cells]:
    """The rows of these streams in the table of this name, by the cell of their key."""
    wanted = wanted_of(service, table, name)
    stored: dict[str, Cells] = {}
    key = table.numbers[table.key]
    for row in service.pick(name, wanted, table.key, streams):
        cells = [found(want.kind, [value])[0] for want, value in zip(wanted, row, strict=True)]
        stored[cells[key]] = cells
    return stored


def _expected(
    table: ExpectedTable, scope: str, stream: str, entries: Sequence[Entry], id_offset: int
) -> Cells | None:
    """The row's cells, some perhaps `UNFIT`; None if the row does not belong in this table."""
    first = entries[0][1]
    if isinstance(first, HostRow | HostBackupRow):
        if first.origin != table.origin and (table.origin == "legacy" or scope != "all"):
            return None
        return cells_from_log(
            table, entries, id_offset if first.origin != table.origin else 0, stream
        )
    fields = row_of(table, stream, list(entries))
    if fields is None:
        return None
    return [expected(rule.holds, [said(fields[rule.column])])[0] for rule in table.rules]


def _differences(table: ExpectedTable, must: Cells | None, there: Cells | None) -> list[Difference]:
    name = table.columns.index("name")
    row = must or there or []
    pk = cell_value(row[0])
    if must is None or there is None:
        a, b = (None if cells is None else cell_value(cells[name]) for cells in (must, there))
        return [Difference(table.label, pk, "", a, b, "projection_wrong")]
    return [
        Difference(table.label, pk, column, cell_value(a), cell_value(b), "projection_wrong")
        for column, a, b in zip(table.columns, must, there, strict=True)
        if a != b
    ]
