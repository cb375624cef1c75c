"""The import of a host: each row becomes an event once; a later import records only changes."""

import time
from collections.abc import Callable, Sequence

from django.db import OperationalError, connections

from domain.consolidation.consolidation import CONSOLIDATION_ID, Consolidation
from domain.consolidation.values import ConsolidationState
from domain.events import Actor
from infrastructure.databases.own_database import refuse_read_only
from infrastructure.event_store.log import Log
from infrastructure.event_store.remembered_heads import refuse_lost_events
from infrastructure.hosts.columns import Decisions
from infrastructure.hosts.connecting import Source, parse_source
from infrastructure.hosts.errors import DiskFull, ImportElsewhere, SourceIsTheService
from infrastructure.hosts.identity import is_the_service
from infrastructure.hosts.importing.declarations import Declared
from infrastructure.hosts.importing.import_run import ConcurrentImport, ImportRun, Options
from infrastructure.hosts.importing.report import ImportReport
from infrastructure.hosts.importing.row_index import Index, beyond_the_log
from infrastructure.hosts.readers import open_host
from infrastructure.hosts.readers.base import Reader
from infrastructure.hosts.tables import HOST_TABLES, HostTable

ATTEMPTS = 20
QUIET = 2.0
"""Seconds without a new chunk after which another import is considered to have ended."""


def import_host(
    source_url: str,
    *,
    actor: Actor,
    zone: str | None = None,
    correct_zone: bool = False,
    decisions: Decisions | None = None,
    reason: str | None = None,
    allow_deletions: int | None = None,
    accept_fingerprint: str | None = None,
    dry_run: bool = False,
    rebuild_index: bool = False,
    same_rows: Declared | None = None,
    not_the_same: Declared | None = None,
    tables: Sequence[HostTable] | None = None,
    reader: Reader | None = None,
    progress: Callable[[int, int], None] | None = None,
    on_phase: Callable[[str], None] | None = None,
    using: str = "default",
) -> ImportReport:
    """Record the rows of the host at `source_url` that are not in the log yet.

    The host is only read, in one snapshot. `zone` names the time zone of naive times; None means
    the one in the log, at first UTC. Another zone than that is refused, unless `correct_zone`,
    with a `reason`. `decisions` say which host columns fill which targets
    (`columns.spelled_decisions`); each row that is then read in another way gets an event.
    `allow_deletions` is the total number of rows that may have vanished, if more than is
    tolerated. `accept_fingerprint` confirms that a host with this fingerprint is the log's.
    `same_rows` and `not_the_same` declare, with a `reason`, which new rows of the consolidated
    table are copies of legacy rows, and which only look like it; without them an import that finds
    such rows is refused (`HandCopiedRows`).
    `dry_run` only counts. `tables` are by default all four, or, after the migration was retired,
    those that are not legacy. `reader` is a snapshot of the host that the caller has opened and
    continues to use; then `ImportElsewhere` is raised if another import appends meanwhile.
    `progress` gets the rows done and the rows in all; `on_phase` gets `reading`, `appending`,
    `committing` and `committed`.

    Refuses before the first event, if at all (`HostError`, `AnotherHost`, and `LogLostEvents` if
    the log is not the one remembered). Appends in chunks, each a transaction: killed at any moment
    and run again, it continues.
    """
    started = time.monotonic()
    source = parse_source(source_url)
    log = Log(using)
    if not dry_run:
        refuse_read_only(log.connection)
    refuse_lost_events(log, beyond_the_log(log))
    if tables is None:
        tables = _tables(log)
    options = Options(
        actor=actor,
        zone=zone,
        correct_zone=correct_zone,
        decisions=decisions or {},
        reason=reason,
        allow_deletions=allow_deletions,
        accept_fingerprint=accept_fingerprint,
        dry_run=dry_run,
        rebuild_index=rebuild_index,
        same_rows=same_rows,
        not_the_same=not_the_same,
        tables=tables,
        progress=progress or (lambda done, total: None),
        on_phase=on_phase or (lambda phase: None),
    )
    report = ImportReport.on(table.label for table in tables)
    if is_the_service(dict(connections[using].settings_dict), source):
        raise SourceIsTheService
    try:
        _import(source_url, source, log, options, report, reader)
    except OperationalError as error:
        if _disk_full(error):
            raise DiskFull from error
        raise
    report.position = log.head().position
    report.seconds = time.monotonic() - started
    return report


def _tables(log: Log) -> Sequence[HostTable]:
    """The host's tables that are still imported into this log."""
    consolidation = Consolidation.from_events(CONSOLIDATION_ID, log.stream(CONSOLIDATION_ID))
    if consolidation.state is ConsolidationState.RETIRED:
        return [table for table in HOST_TABLES if table.origin != "legacy"]
    return HOST_TABLES


def _import(
    source_url: str,
    source: Source,
    log: Log,
    options: Options,
    report: ImportReport,
    reader: Reader | None,
) -> None:
    """Try until no other import interferes; each attempt reads a new snapshot of the host."""
    if reader is not None:
        try:
            ImportRun(
                reader, source_url, source.where, log, options, report, may_read_ahead=False
            ).run()
        except ConcurrentImport as error:
            raise ImportElsewhere from error
        return
    for _ in range(ATTEMPTS):
        try:
            with open_host(source) as own:
                ImportRun(own, source_url, source.where, log, options, report).run()
        except ConcurrentImport:
            _wait_for_the_other(Index(log))
        else:
            return
    raise ImportElsewhere


def _wait_for_the_other(index: Index) -> None:
    """Wait until the index has not moved for a while."""
    before = None
    while (now := index.checkpoint()) != before:
        before = now
        time.sleep(QUIET)


def _disk_full(error: OperationalError) -> bool:
    cause = error.__cause__
    return "database or disk is full" in str(error) or getattr(cause, "sqlstate", "") == "53100"
