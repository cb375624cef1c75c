"""The evidence for a certificate beyond the verdict, gathered while the rows are compared.

`Evidence` receives every row that the verification reads, of the host and of the projections, in
the same pass over the same snapshots. So its digests are of exactly the rows that were compared.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple
from uuid import UUID

from infrastructure.hosts.connecting import ReadFrom
from projections.verification.actual.readers import SnapshotReader
from projections.verification.actual.readers.base import Row
from projections.verification.certificate.export import Export, rows_of
from projections.verification.certificate.host_cells import host_cells
from projections.verification.certificate.log_digests import logged_digests
from projections.verification.chunks import ComparedChunk, Speaker
from projections.verification.differences import Difference, Digest, Tally
from projections.verification.expected.from_host import ExpectedHostRows
from projections.verification.expected.rows_from_log import LoggedRows
from projections.verification.expected.schema import TABLES, ExpectedTable
from projections.verification.expected.violations import why_unfit
from projections.verification.identity import computed_fingerprint
from projections.verification.log_index import GENESIS, LogIndex


def named_positions(upto: int) -> list[int]:
    """The positions whose heads a certificate names: the first, and the last 8 of each 2^n.

    So two certificates of one log have some positions in common, close before the earlier one's
    end, and contradict each other there if the log was cut off and continued differently.
    """
    found = {1} if upto else set()
    step = 1
    while step <= upto:
        last = upto - upto % step
        found.update(range(last, max(last - 8 * step, 0), -step))
        step *= 2
    return sorted(found)


class HostSeen(NamedTuple):
    """The identity of the host that was read."""

    id: UUID
    fingerprint: str
    id_offset: int
    vendor: str
    source: ReadFrom


class QuarantinedRow(NamedTuple):
    """A row that a table's column cannot hold, the reason, and the source of the value."""

    table: str
    pk: int
    column: str
    reason: str
    by: Speaker


@dataclass
class HostTableEvidence:
    """The evidence of one host table, by the published recipe. `columns` are all its columns."""

    columns: list[str] = field(default_factory=list)
    rows: int = 0
    digest: Digest = field(default_factory=Digest)
    types: list[str] = field(default_factory=list)
    """The columns' types as declared in the host."""


class Evidence:
    """Digests of the rows that were read; with an `export`, also the rows themselves."""

    def __init__(self, export: Export | None = None) -> None:
        self.export = export
        self.host: HostSeen | None = None
        self.position = 0
        self.chain_head = GENESIS
        self.heads: dict[int, bytes] = {}
        self.host_tables: dict[str, HostTableEvidence] = {}
        self.log_digests: dict[str, str] = {}
        self.withheld: list[QuarantinedRow] = []

    def begin(self, host: SnapshotReader, log: LogIndex, source: ReadFrom) -> None:
        """Set the snapshots that will be read; the host's was read from `source`."""
        known_by = computed_fingerprint(host, retired=log.retired is not None)
        self.host = HostSeen(log.host, known_by, log.id_offset, host.vendor, source)
        self.position, self.chain_head = log.position, log.head
        self.heads = log.hashes_at(named_positions(log.position))
        self.log_digests = logged_digests(log)

    def attend(
        self, table: ExpectedTable, parts: Sequence[ExpectedHostRows | LoggedRows], tally: Tally
    ) -> None:
        """Receive the rows of this table, and of the host's table of the same name, when read."""
        own = parts[0]
        if isinstance(own, ExpectedHostRows):
            seen = self.host_tables[table.name] = HostTableEvidence(
                list(own.at), types=[want.column.type for want in own.wanted[: len(own.at)]]
            )
            own.seen = partial(self._host_rows, own, seen)
        tally.seen = partial(self._stored, table)

    def differs(self, difference: Difference) -> None:
        """Keep the difference if it is a quarantined row; there is no limit."""
        if difference.misfit is not None:
            rules = {rule.column: rule for rule in TABLES[difference.table].rules}
            why = why_unfit(rules[difference.column].holds, difference.misfit.value)
            by = difference.misfit.by
            self.withheld.append(
                QuarantinedRow(difference.table, difference.pk, difference.column, why, by)
            )

    def _host_rows(self, own: ExpectedHostRows, seen: HostTableEvidence, rows: list[Row]) -> None:
        said = list(zip(*rows, strict=True))
        if own.lookup is not None:
            said.pop()  # the last value is looked up from another table
        columns = [
            host_cells(own.host.vendor, want, values)
            for want, values in [*zip(own.wanted, said, strict=True)][: len(own.at)]
        ]
        seen.rows += len(rows)
        seen.digest.add(list(map("".join, rows_of(columns))))
        if self.export is not None:
            keys = [row[own.at["id"]] for row in rows]
            self.export.add("host", own.of.name, keys, rows_of(columns))

    def _stored(self, table: ExpectedTable, chunk: ComparedChunk) -> None:
        if self.export is not None and chunk.ids:
            self.export.add("projection", table.label, chunk.ids, rows_of(chunk.columns))
