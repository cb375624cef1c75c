"""The inspection of a host before it is imported: its contents and findings."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import UUID

from domain.consolidation.values import ColumnChoices
from domain.errors import RestoreLogError
from domain.events import Event
from infrastructure.event_store.codec import CODEC
from infrastructure.hosts.columns import survey, unfit
from infrastructure.hosts.errors import (
    HostUnreachable,
    MissingColumns,
    MovedRowsUnclear,
    RowsMissing,
)
from infrastructure.hosts.identity import fingerprint, offset_for
from infrastructure.hosts.importing import guards
from infrastructure.hosts.importing.rows import HostRows
from infrastructure.hosts.importing.topics import SCHEMA_VERSIONS, topics_of
from infrastructure.hosts.inspecting.data_quality import data_quality_notes
from infrastructure.hosts.inspecting.findings import KEPT_IN_EXTRA, UTC, HostFinding
from infrastructure.hosts.local_times import zone_called
from infrastructure.hosts.moved_rows import MOVED, MovedRows, read_moved_rows
from infrastructure.hosts.readers import open_host
from infrastructure.hosts.readers.base import Extent, Reader
from infrastructure.hosts.schema import Reference, TableSchema
from infrastructure.hosts.tables import HOST_TABLES, HostTable
from infrastructure.hosts.users import user_lookup

EXAMPLES = 5
ROWS_PER_SECOND = 20_000
"""The speed of an import on a small machine; for the estimate of its time."""

Judge = Callable[[Event], Iterable[tuple[str, str]]]
"""Returns the columns of an imported row that a projection cannot hold, with the reasons."""


@dataclass
class Inspection:
    """The tables by label: rows, bytes as events, lowest and highest id; and the findings."""

    fingerprint: str = ""
    tables: dict[str, dict[str, Any]] = field(default_factory=dict)
    findings: list[HostFinding] = field(default_factory=list)
    estimated_seconds: float = 0.0
    zone: str = UTC
    """The zone as which times without one are read."""

    def as_dict(self) -> dict[str, Any]:
        return {
            "fingerprint": self.fingerprint,
            "tables": self.tables,
            "findings": [asdict(finding) for finding in self.findings],
            "estimated_seconds": self.estimated_seconds,
        }


def inspect_host(
    source_url: str,
    *,
    zone: str | None = None,
    known: ColumnChoices | None = None,
    judge: Judge | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Inspection:
    """Read the whole host, write nothing.

    `known` are the choices of columns that are in the log. `judge` finds values that no projection
    can hold; without it they are not reported. Raises the errors of an import, except for bad keys
    and for columns that a user has to decide on: those are findings.
    """
    with open_host(source_url) as reader:
        tables = _tables_left(reader, dropped=known is not None)
        found = guards.required_tables(reader, tables, reader.session.where)
        inspection = Inspection(fingerprint(reader), zone=zone or UTC)
        inspection.findings += [
            HostFinding("legacy_table_gone", table.name, 1, "is not in the host any more", [])
            for table in HOST_TABLES
            if reader.table(table.name) is None
        ]
        choices = _look_at_columns(reader, found, tables, known, inspection)
        moved = _look_at_moved_rows(reader, inspection)
        extents = {name: reader.extent(name) for name in found}
        host = HostRows(
            reader,
            found,
            host_id=UUID(int=0),
            offset=offset_for(found),
            zone=zone_called(inspection.zone),
            choices=choices,
            counts={name: extent.rows for name, extent in extents.items()},
            filled=moved.filled if moved.began else None,
        )
        total = sum(extent.rows for extent in extents.values())
        inspection.estimated_seconds = round(total / ROWS_PER_SECOND, 1)
        done = 0
        for table in tables:
            _look_at_table(
                reader, host, table, extents[table.name], inspection, judge or (lambda event: ())
            )
            done += extents[table.name].rows
            if progress is not None:
                progress(done, total)
    return inspection


def _tables_left(reader: Reader, *, dropped: bool) -> list[HostTable]:
    """The tables to read: without the legacy ones, if a host that was imported before (`dropped`)
    has dropped one of them."""
    legacy = [table for table in HOST_TABLES if table.origin == "legacy"]
    if dropped and not all(reader.table(table.name) for table in legacy):
        return [table for table in HOST_TABLES if table not in legacy]
    return list(HOST_TABLES)


def _look_at_moved_rows(reader: Reader, inspection: Inspection) -> MovedRows:
    """What a migration of the host has moved; adds findings on it."""
    try:
        moved = read_moved_rows(reader)
    except MovedRowsUnclear as error:
        inspection.findings.append(HostFinding(error.code, MOVED, 1, str(error), []))
        return MovedRows()
    for table in HOST_TABLES:
        pairs = moved.pairs(table)
        if table.origin != "legacy" and pairs:
            message = "copied from the legacy table by a migration of the host"
            keys = list(pairs.copies[:EXAMPLES])
            inspection.findings.append(
                HostFinding("moved_rows", table.name, len(pairs), message, keys)
            )
    return moved


def _look_at_columns(
    reader: Reader,
    found: dict[str, TableSchema],
    tables: list[HostTable],
    known: ColumnChoices | None,
    inspection: Inspection,
) -> ColumnChoices:
    """The choices of columns; adds findings on those to be decided and those that do not fit."""
    choices, unsettled, missing = survey(found, tables, known, {})
    if missing:
        raise MissingColumns(missing)
    names = {table.label: table.name for table in tables}
    inspection.findings += [
        HostFinding(
            "column_by_another_name",
            names[label],
            1,
            f"{', else '.join(choice.sources)} fills {target} ({choice.how})",
            [],
        )
        for label, targets in choices.items()
        for target, choice in targets.items()
        if choice.how == "proposed" and label in names
    ]
    inspection.findings += [
        HostFinding("column_unsettled", names[one.label], 1, str(one), []) for one in unsettled
    ]
    inspection.findings += [
        HostFinding("column_unfit", names[column.label], 1, str(column), [])
        for column in unfit(reader, found, choices)
    ]
    return choices


def _look_at_table(
    reader: Reader,
    host: HostRows,
    table: HostTable,
    extent: Extent,
    inspection: Inspection,
    judge: Judge,
) -> None:
    inspection.tables[table.label] = {
        "rows": extent.rows,
        "bytes": _look_at_rows(host, table, inspection, judge),
        "lowest_id": extent.lowest,
        "highest_id": extent.highest,
    }
    if not extent.rows and (estimate := reader.estimate(table.name)):
        message = f"reads as empty; the server's statistics say {estimate:,} rows"
        inspection.findings.append(HostFinding("reads_as_empty", table.name, estimate, message, []))
    _look_at_references(reader, host, table, inspection)


def _look_at_rows(host: HostRows, table: HostTable, inspection: Inspection, judge: Judge) -> int:
    """Read a table; returns the bytes of its rows as events."""
    states = host.states(table)
    topic = topics_of(table).imported
    clocks = {column.name for column in host.found[table.name].columns if column.local}
    local = {
        target
        for target, choice in host.choices[table.label].items()
        if not clocks.isdisjoint(choice.sources)
    }
    counts: Counter[tuple[str, str]] = Counter()
    keys: dict[tuple[str, str], list[int]] = {}
    size = 0
    try:
        for row in host.read(table, states):
            state = states.state(row)
            size += len(state)
            event: Any = CODEC.decode(topic, SCHEMA_VERSIONS[topic], state)
            odd = [
                *data_quality_notes(event, local),
                *(("quarantine", f"{column}: {reason}") for column, reason in judge(event)),
            ]
            for which in odd:
                counts[which] += 1
                if counts[which] <= EXAMPLES:
                    keys.setdefault(which, []).append(row.key)
    except (HostUnreachable, RowsMissing):
        raise
    except RestoreLogError as error:
        inspection.findings.append(HostFinding(error.code, table.name, 1, str(error), []))
    inspection.findings += [
        HostFinding(kind, table.name, count, message, keys[kind, message])
        for (kind, message), count in counts.most_common()
    ]
    return size


def _look_at_references(
    reader: Reader, host: HostRows, table: HostTable, inspection: Inspection
) -> None:
    """Add findings on rows with broken references, and on tables that refer to these."""
    found = host.found[table.name]
    references: list[tuple[str, str, Reference]] = []
    own = host.choices[table.label]
    if table.backups is not None:
        for name in own["source_backup_id"].sources if host.names_backups(table) else ():
            references.append(("no_backup", name, Reference(table.backups, "id")))
        created_by = own["created_by_id"].sources
        if (user := user_lookup(reader, found, created_by)) is not None:
            comparable = [name for name in created_by if name in user.columns]
            references += [("no_user", name, user.key) for name in comparable]
    for kind, column, reference in references:
        count, keys = 0, []
        for key in reader.orphans(table.name, column, reference):
            count += 1
            if count <= EXAMPLES:
                keys.append(key)
        if count:
            message = f"{column} names no row of {reference.table}"
            inspection.findings.append(HostFinding(kind, table.name, count, message, keys))
    inspection.findings += [
        HostFinding("inbound_foreign_key", table.name, 1, f"is referenced by {other}.{column}", [])
        for other, column in reader.inbound(table.name)
    ]
    used = {name for choice in host.choices[table.label].values() for name in choice.sources}
    for column_name in found.names:
        if column_name != "id" and column_name not in used:
            message = f"{column_name}{KEPT_IN_EXTRA}"
            inspection.findings.append(HostFinding("further_column", table.name, 1, message, []))
