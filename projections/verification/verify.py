"""Both tables of each kind against the host, row by row, and the log against itself."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from itertools import chain
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import psycopg
import pymysql
from django.db import connections

from infrastructure.databases import one_line
from infrastructure.event_store.errors import UnreadableEvent
from infrastructure.event_store.log import Log
from infrastructure.event_store.verify import ChainReport, verify_chain
from projections.verification.causes import Causes
from projections.verification.chunks import Chunk
from projections.verification.compare import compare, left_over
from projections.verification.differences import Differences, Tally
from projections.verification.errors import CannotVerify, HostUnreachable, NoHostNamed
from projections.verification.found import FoundRows
from projections.verification.host_rows import HostRows
from projections.verification.identity import refuse_another_host
from projections.verification.landmarks import Landmarks
from projections.verification.readers import Reader, open_host, open_service
from projections.verification.recorded import recorded_rows
from projections.verification.rules import TABLES, Table
from projections.verification.state import ProjectionState, projection_states

Progress = Callable[[int, int], None]
"""Told how many rows are done, of how many."""

LIMIT = 1_000
"""How many differences are kept for the output, unless all are asked for."""


@dataclass
class Verification:
    """What was found. `equal` means that there is nothing to do."""

    position: int
    chain: ChainReport
    projections: dict[str, ProjectionState]
    differences: Differences
    tables: dict[str, Tally] = field(default_factory=lambda: {label: Tally() for label in TABLES})

    @property
    def equal(self) -> bool:
        sound = all(state.fits and not state.error for state in self.projections.values())
        return self.chain.ok and sound and self.differences.total == 0


def verify(
    source: str,
    *,
    zone: str = "UTC",
    limit: int | None = LIMIT,
    using: str = "default",
    progress: Progress | None = None,
) -> Verification:
    """Compare what the service on this connection shows with the host at this URL.

    Reads one consistent snapshot of each database and writes nothing. `zone` is that of the
    host's naive times. Raises `CannotVerify` when there is nothing to compare.
    """
    if not source.strip():
        raise NoHostNamed
    naive = _zone(zone)
    chained = verify_chain(Log(using))
    try:
        return _read(source, naive, limit, using, chained, progress)
    except UnreadableEvent:
        if chained.ok:
            raise
        # Somebody changed the log, and what they left cannot even be read.
        return Verification(chained.events, chained, {}, Differences(limit))


def _read(
    source: str,
    zone: ZoneInfo | None,
    limit: int | None,
    using: str,
    chained: ChainReport,
    progress: Progress | None,
) -> Verification:
    settings = connections[using].settings_dict
    lock = tuple(table.name for table in TABLES.values())
    with closing(open_service(settings, lock)) as service:
        log = Landmarks(service)
        log.host  # noqa: B018  (refuses a log without a host)
        try:
            with closing(open_host(source)) as host:
                refuse_another_host(log.fingerprints, host)
                result = Verification(
                    log.position, chained, projection_states(log), Differences(limit)
                )
                _compare_all(result, log, host, zone, progress)
                return result
        except (sqlite3.Error, psycopg.Error, pymysql.MySQLError) as error:
            raise HostUnreachable(one_line(error)) from error


def _compare_all(
    result: Verification,
    log: Landmarks,
    host: Reader,
    zone: ZoneInfo | None,
    progress: Progress | None,
) -> None:
    parts = {
        label: _parts(log, host, zone, table, result.projections[label].scope)
        for label, table in TABLES.items()
    }
    total = _rows_in(log.service)
    for label, table in TABLES.items():
        for _ in _compare(log, table, parts[label], result.tables[label], result.differences):
            if progress:
                progress(sum(tally.found for tally in result.tables.values()), total)


def _parts(
    log: Landmarks, host: Reader, zone: ZoneInfo | None, table: Table, scope: str
) -> list[HostRows]:
    """The host's tables whose rows stand in this one, in order of the ids they have there."""
    own = HostRows(host, log, into=table, of=table, zone=zone)
    if table.origin == "legacy" or scope != "all":
        return [own]
    legacy = next(t for t in TABLES.values() if t.subject == table.subject and t.origin == "legacy")
    return [own, HostRows(host, log, into=table, of=legacy, zone=zone)]


def _compare(
    log: Landmarks, table: Table, parts: list[HostRows], tally: Tally, differences: Differences
) -> Iterator[None]:
    """Compare one table; comes back after every batch of rows."""
    found = FoundRows(log.service, table)
    causes = Causes(log, table, {part.of.origin for part in parts if part.derives_target})

    def expected() -> Iterator[Chunk]:
        for part in parts:
            for rows in part.chunks():
                tally.overruled.extend(rows.overruled)
                yield rows
        for rows in recorded_rows(log, table):
            tally.recorded_here += len(rows.ids)
            yield rows

    for mismatches in chain(compare(expected(), found, tally), left_over(found, tally)):
        for difference in causes.explain(mismatches, tally) if mismatches else ():
            differences.add(difference)
        yield


def _rows_in(service: Reader) -> int:
    return sum(
        service.rows(f"SELECT count(*) FROM {table.name}")[0][0] for table in TABLES.values()
    )


def _zone(name: str) -> ZoneInfo | None:
    """The zone of naive times; None for UTC, which needs no conversion."""
    if name in ("", "UTC", "Etc/UTC", "Universal", "Zulu"):
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise CannotVerify(f"SOURCE_TIME_ZONE is {name!r}, which is no time zone.") from error
