"""One run of an import: guards first, then table by table, chunk by chunk."""

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import msgspec
from django.db import transaction

from domain.consolidation.consolidation import CONSOLIDATION_ID, Consolidation
from domain.consolidation.values import ColumnChoices
from domain.events import Actor, Metadata, on_behalf_of, refuse_unreadable
from domain.restores.events import HostRow
from infrastructure.event_store.codec import CODEC
from infrastructure.event_store.log import Log
from infrastructure.event_store.records import NewEvent
from infrastructure.gc_pause import without_gc
from infrastructure.hosts.columns import Decisions, choose, unfit, without_added
from infrastructure.hosts.connecting.counting import all_or_none
from infrastructure.hosts.errors import IndexOutOfStep
from infrastructure.hosts.identity import fingerprint, offset_for
from infrastructure.hosts.importing import guards, parallel_reader
from infrastructure.hosts.importing.chunk import ImportChunk
from infrastructure.hosts.importing.declarations import Declarations, Declared
from infrastructure.hosts.importing.hand_copies import HandCopies, HandCopy, is_in, new_keys
from infrastructure.hosts.importing.moved_copies import MovedCopies, shared_columns
from infrastructure.hosts.importing.moved_index import remember
from infrastructure.hosts.importing.reindex import reindex, speaks_for_the_log
from infrastructure.hosts.importing.report import ImportReport
from infrastructure.hosts.importing.row_digests import MODULUS, same_host_row
from infrastructure.hosts.importing.row_encoder import ReadRow, RowEncoder, stream_id
from infrastructure.hosts.importing.row_index import ChangedRow, Checkpoint, Index
from infrastructure.hosts.importing.rows import HostRows
from infrastructure.hosts.importing.topics import SCHEMA_VERSIONS, topics_of
from infrastructure.hosts.local_times import named_zone, zone_called
from infrastructure.hosts.moved_rows import read_moved_rows
from infrastructure.hosts.readers.base import Reader
from infrastructure.hosts.tables import (
    CONSOLIDATED_RESTORES,
    HOST_TABLES,
    LEGACY_RESTORES,
    HostTable,
)

NO_STATE = b"{}"
TICK = 1_000
"""Rows between two reports of progress."""


class ConcurrentImport(Exception):
    """Another import appended in the meantime, so this one's comparison is out of date."""


@dataclass(frozen=True)
class Options:
    """The options of an import: see `importer.import_host`."""

    actor: Actor
    zone: str | None
    correct_zone: bool
    decisions: Decisions
    reason: str | None
    allow_deletions: int | None
    accept_fingerprint: str | None
    dry_run: bool
    rebuild_index: bool
    same_rows: Declared | None
    not_the_same: Declared | None
    tables: Sequence[HostTable]
    progress: Callable[[int, int], None]
    on_phase: Callable[[str], None]


class ImportRun:
    """One pass over one snapshot of the host. Adds what it did to the report."""

    def __init__(
        self,
        reader: Reader,
        source_url: str,
        where: str,
        log: Log,
        options: Options,
        report: ImportReport,
        *,
        may_read_ahead: bool = True,
    ) -> None:
        """`may_read_ahead`: another process may read the host, in a snapshot of its own."""
        self.may_read_ahead = may_read_ahead
        self.reader = reader
        self.source_url = source_url
        self.where = where
        self.log = log
        self.options = options
        self.report = report
        self.index = Index(log)
        self.correlation = uuid4()
        refuse_unreadable(options.actor)
        self.metadata = msgspec.json.encode(
            Metadata(
                actor=str(options.actor),
                correlation=self.correlation,
                on_behalf_of=on_behalf_of(options.actor),
            )
        )
        self.consolidation = Consolidation.from_events(
            CONSOLIDATION_ID, log.stream(CONSOLIDATION_ID)
        )
        self.found = guards.required_tables(
            reader, options.tables, self.where, imported=self.consolidation.host_id is not None
        )
        self.extents = {name: reader.extent(name) for name in self.found}
        self.counts = {name: extent.rows for name, extent in self.extents.items()}
        self.total = sum(self.counts.values())
        self.done = 0
        self.moved = read_moved_rows(reader).with_declared(self.consolidation.same_rows)
        self.copies = MovedCopies(self.moved, self.found, log, self._keys)
        self.metadata_of_reinterpreted = self.metadata
        self.choices: ColumnChoices = {}
        self.zone: ZoneInfo | None = None
        self.checkpoint = Checkpoint()

    def run(self) -> None:
        """Import everything, or refuse and record nothing."""
        try:
            self._run()
        finally:
            self.index.forget_apart()

    def _run(self) -> None:
        self._identify()
        self._choose()
        self.checkpoint = self._agreeing_checkpoint()
        self._declare_copies()
        guards.refuse_strange_keys(
            self.extents, self.consolidation.id_offset, self._keys, self.copies.are_copies
        )
        comparisons = self._comparisons()
        guards.refuse_too_many_vanished(comparisons, self.options.allow_deletions)
        host = self._host_rows()
        self.copies.judge(host, self.index)
        self._record_identity()
        if self._worth_reading_ahead():
            self._import_ahead()
        else:
            self._import_all(comparisons, host)
        if self.moved.began or self.moved.declared:
            self.report.moved = self.copies.as_json()
        if not self.options.dry_run:
            remember(self.moved, self.log.using)
        self.options.progress(self.total, self.total)

    @property
    def host_id(self) -> UUID:
        assert self.consolidation.host_id is not None
        return self.consolidation.host_id

    def _identify(self) -> None:
        """Adopt the host, or check that it is the log's. Does not record anything yet."""
        found, actor = fingerprint(self.reader), self.options.actor
        consolidation = self.consolidation
        if consolidation.host_id is None:
            offset = offset_for(self.found)
            consolidation.adopt(host_id=uuid4(), fingerprint=found, id_offset=offset, actor=actor)
        elif self.options.accept_fingerprint == found:
            consolidation.accept_fingerprint(found, actor=actor, reason="named as the same host")
        else:
            consolidation.refuse_another_host(found)

    def _choose(self) -> None:
        """Choose how the host is read: columns and zone. Does not record anything yet."""
        options, consolidation = self.options, self.consolidation
        chosen = choose(
            self.found, options.tables, consolidation.columns, options.decisions, options.reason
        )
        consolidation.choose_columns(
            without_added(chosen, consolidation.columns) if self.moved.began else chosen,
            actor=options.actor,
            reason=options.reason if options.decisions else None,
        )
        zone = named_zone(options.zone) if options.zone is not None else consolidation.zone or "UTC"
        if not options.correct_zone:
            consolidation.refuse_another_zone(zone)
        consolidation.choose_zone(zone, actor=options.actor, reason=options.reason)
        assert consolidation.columns is not None
        assert consolidation.choice is not None
        self.metadata_of_reinterpreted = msgspec.json.encode(
            Metadata(
                actor=str(options.actor),
                on_behalf_of=on_behalf_of(options.actor),
                correlation=self.correlation,
                causation=consolidation.choice.event_id,
            )
        )
        self.choices, self.zone = consolidation.columns, zone_called(zone)
        self.report.choices, self.report.zone = self.choices, zone
        self.report.unfit = unfit(self.reader, self.found, self.choices)

    def _declare_copies(self) -> None:
        """Settle which new rows are copies of legacy rows. Does not record anything yet."""
        options = self.options
        declared = Declarations(options.same_rows, options.not_the_same)
        found = self._hand_copies() if self.checkpoint.rows else []
        declared.settle(CONSOLIDATED_RESTORES.name, found)
        for pairs, same in ((declared.same, True), (declared.different, False)):
            if pairs:
                self.consolidation.declare_copies(
                    pairs, same=same, actor=options.actor, reason=options.reason
                )
        if declared.same:
            self.moved = self.moved.with_declared(self.consolidation.same_rows)
            self.copies = MovedCopies(self.moved, self.found, self.log, self._keys)

    def _hand_copies(self) -> list[HandCopy]:
        """The new rows of the consolidated table that look like copies."""
        table = CONSOLIDATED_RESTORES
        keys = (key for key in self._keys(table.name) if not self.copies.is_copy(table, key))
        known = self.index.known(table.name)
        new = new_keys(keys, known, self.consolidation.different_rows)
        if not new:
            return []
        shared = shared_columns(LEGACY_RESTORES, table, self.found, self.choices, self.moved)
        host = self._host_rows()
        states = host.states(table)
        rows = (
            (row.key, dict(zip(states.names, row.values, strict=False)))
            for row in host.read(table, states)
            if is_in(new, row.key)
        )
        return HandCopies(shared, rows).found(self.log)

    def _record_identity(self) -> None:
        events = [CODEC.new_event(event) for event in self.consolidation.collect_events()]
        self._append(ImportChunk(events=events))

    def _agreeing_checkpoint(self) -> Checkpoint:
        """The checkpoint of the index, which is rebuilt first if it does not fit the log."""
        checkpoint = self.index.checkpoint()
        if not self.options.rebuild_index and speaks_for_the_log(self.index, checkpoint):
            return checkpoint
        return self._reindexed()

    def _reindexed(self) -> Checkpoint:
        if self.options.dry_run:
            self.index.set_apart()
        return reindex(self.index)

    def _comparisons(self) -> dict[str, guards.Comparison]:
        """Compare each table with the index by key; rebuild the index if it is incomplete."""
        for mended in (False, True):
            comparisons = {table.name: self._compared(table.name) for table in HOST_TABLES}
            rows = sum(comparison.rows for comparison in comparisons.values())
            checksum = sum(comparison.checksum for comparison in comparisons.values()) % MODULUS
            if (rows, checksum) == (self.checkpoint.rows, self.checkpoint.checksum):
                return comparisons
            if self.index.checkpoint() != self.checkpoint:
                raise ConcurrentImport
            if not mended:
                self.checkpoint = self._reindexed()
        raise IndexOutOfStep("its checksum is still wrong after a rebuild")

    def _compared(self, table: str) -> guards.Comparison:
        """The comparison of a table; of one that is no longer imported, only the index is counted.

        All keys are read, even without entries to compare them with, so that an incomplete table
        is refused before anything is recorded.
        """
        comparison = guards.Comparison()
        keys = self._present(table)
        if self.checkpoint.rows or self.index.has_rows(table):
            for _ in guards.vanished(keys, self.index.known(table), comparison):
                pass
        deque(keys, maxlen=0)
        return comparison

    def _keys(self, table: str) -> Iterator[int]:
        """The ids of all rows of a table of the host, lowest first."""
        keys = all_or_none(self.reader.keys(table), table, self.counts[table])
        return guards.in_key_order(table, keys)

    def _present(self, table: str) -> Iterator[int]:
        """The ids of the rows that have not vanished: in the table, or only as a copy."""
        if table in self.found:
            return self.copies.with_copies(table, self._keys(table))
        return self.copies.still_there(table, self.index.known(table))

    def _host_rows(self) -> HostRows:
        return HostRows(
            self.reader,
            self.found,
            host_id=self.host_id,
            offset=self.consolidation.id_offset,
            zone=self.zone,
            choices=self.choices,
            counts=self.counts,
            filled=self.moved.filled if self.moved.began else None,
        )

    def _import_all(self, comparisons: dict[str, guards.Comparison], host: HostRows) -> None:
        retired = [table for table in HOST_TABLES if table not in self.options.tables]
        for table in (*self.options.tables, *retired):
            if table not in retired:
                self._import_rows(table, host)
            if comparisons[table.name].vanished:
                self._import_vanished(table)

    def _worth_reading_ahead(self) -> bool:
        return (
            self.may_read_ahead
            and not self.options.dry_run
            and not self.moved.began
            and self.checkpoint.rows == 0
            and self.total >= parallel_reader.WORTH_IT
            and (os.cpu_count() or 1) > 1
        )

    def _import_ahead(self) -> None:
        """A first import: every row is new, and another process reads them."""
        self.options.on_phase("reading")
        task = parallel_reader.Task(
            self.source_url,
            self.where,
            self.options.tables,
            self.host_id,
            self.consolidation.id_offset,
            self.report.zone,
            self.choices,
            self.metadata,
        )
        tables = {table.name: table for table in self.options.tables}
        chunk = ImportChunk()
        with without_gc():
            for batch in parallel_reader.read_ahead(task):
                table, rows = tables[batch.table], len(batch.keys)
                chunk.label = table.label
                topic = topics_of(table).imported
                chunk.add_sealed(batch.events(topic, self.metadata), batch.rows(), batch.size)
                if chunk.full or not rows:
                    self._append(chunk)
                    chunk = ImportChunk()
                self.report.tables[table.label].rows += rows
                self.done += rows
                self.options.progress(self.done, self.total)

    def _import_rows(self, table: HostTable, host: HostRows) -> None:
        """Compare every row with the index, and record what is new, changed or back again."""
        topics = topics_of(table)
        tally = self.report.tables[table.label]
        already = tally.imported + tally.changed + tally.reinterpreted  # by an earlier attempt
        if self.copies.is_unchanged(table):
            tally.rows = self.counts[table.name]
            tally.unchanged = max(0, tally.rows - already)
            self.done += tally.rows
            return
        tally.rows = tally.unchanged = 0
        states = host.states(table)
        known = self.index.known(table.name) if self.checkpoint.rows else iter(())
        entry = next(known, None)
        chunk = ImportChunk(table.label)
        self.options.on_phase("reading")
        for row in host.read(table, states):
            tally.rows += 1
            while entry is not None and entry[0] < row.key:
                entry = next(known, None)
            if self.copies.is_copy(table, row.key):
                event = self.copies.event(table, row, states, self.metadata)
                if event is None:
                    tally.unchanged += 1
                else:
                    chunk.add_copy(event)
            elif entry is None or entry[0] != row.key:
                stream = states.stream(row)
                chunk.add_new(
                    self._event(stream, topics.imported, self._state(states, row)),
                    (table.name, row.key, row.digest, stream.bytes),
                )
            elif entry[1] == row.digest:
                tally.unchanged += 1
            else:
                chunk.add_changed(
                    self._changed(states, row, entry[1]),
                    ChangedRow(table.name, row.key, entry[1], row.digest),
                )
            if chunk.full:
                self._append(chunk)
                chunk = ImportChunk(table.label)
            self.done += 1
            if self.done % TICK == 0:
                self.options.progress(self.done, self.total)
        self._append(chunk)
        tally.unchanged = max(0, tally.unchanged - already)

    def _changed(self, states: RowEncoder, row: ReadRow, before: bytes | None) -> NewEvent:
        """The event of a row that differs from the index; `before` is None if it had vanished."""
        topics, metadata = topics_of(states.table), self.metadata
        if same_host_row(before, row.digest):
            topic, metadata = topics.reinterpreted, self.metadata_of_reinterpreted
        else:
            topic = topics.returned if before is None else topics.changed
        return self._event(states.stream(row), topic, self._changed_state(states, row), metadata)

    def _import_vanished(self, table: HostTable) -> None:
        """Record vanished rows, after the table was read to its end."""
        topic = topics_of(table).vanished
        label = table.label if table.label in self.report.tables else None
        chunk = ImportChunk(label)
        known = self.index.known(table.name)
        for key, before in guards.vanished(self._present(table.name), known):
            chunk.add_changed(
                self._event(stream_id(self.host_id, table.name, key), topic, NO_STATE),
                ChangedRow(table.name, key, before, None),
            )
            if chunk.full:
                self._append(chunk)
                chunk = ImportChunk(label)
        self._append(chunk)

    def _state(self, states: RowEncoder, row: ReadRow) -> bytes:
        return NO_STATE if self.options.dry_run else states.state(row)

    def _changed_state(self, states: RowEncoder, row: ReadRow) -> bytes:
        """The state of a row that is in the log. An earlier derived database name is kept."""
        if self.options.dry_run:
            return NO_STATE
        if not states.names_no_database(row):
            return states.state(row)
        return states.state(row, self._derived_before(states.stream(row)))

    def _derived_before(self, stream: UUID) -> str:
        """The last target database that was derived for a restore; '' if none was."""
        for event in reversed(self.log.stream(stream)):
            derived = event.derived.get("target_database") if isinstance(event, HostRow) else None
            if derived:
                return str(derived)
        return ""

    def _event(
        self, stream: UUID, topic: str, state: bytes, metadata: bytes | None = None
    ) -> NewEvent:
        version = SCHEMA_VERSIONS[topic]
        return NewEvent(stream, 1, topic, version, state, metadata or self.metadata)

    def _append(self, chunk: ImportChunk) -> None:
        """Append a chunk and update the index, in one transaction."""
        if not len(chunk):
            return
        if not self.options.dry_run:
            self.options.on_phase("appending")
            with transaction.atomic(using=self.log.using):
                checkpoint = self._written(chunk)
                self.options.on_phase("committing")
            self.checkpoint = checkpoint
            self.options.on_phase("committed")
            self.options.on_phase("reading")
        self.report.events += len(chunk)
        if chunk.label is not None:
            tally = self.report.tables[chunk.label]
            tally.imported += len(chunk.new)
            tally.deleted += chunk.deleted
            tally.reinterpreted += chunk.reinterpreted
            tally.changed += len(chunk.changed) - chunk.deleted - chunk.reinterpreted
            tally.changed += chunk.copies

    def _written(self, chunk: ImportChunk) -> Checkpoint:
        checkpoint = self.index.lock()
        if checkpoint != self.checkpoint:
            raise ConcurrentImport
        head = chunk.append_to(self.log)
        checkpoint = self.index.apply(checkpoint, chunk.new, chunk.changed)
        checkpoint = checkpoint._replace(position=head.position, hash=head.hash)
        self.index.move(checkpoint)
        return checkpoint
