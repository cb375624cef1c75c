"""What a certificate needs beyond the verdict, gathered while the rows are compared.

A `Proof` is told of every row that the verification reads, of the host and of the projections, in
the same pass over the same snapshots: what it has digests of is what was compared.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple
from uuid import UUID

from infrastructure.hosts.connecting import ReadFrom
from projections.verification.chunks import Chunk, Speaker
from projections.verification.differences import Difference, Digest, Tally
from projections.verification.export import Export, rows_of
from projections.verification.host_cells import host_cells
from projections.verification.host_rows import HostRows
from projections.verification.identity import fingerprint
from projections.verification.landmarks import GENESIS, Landmarks
from projections.verification.logged_digests import logged_digests
from projections.verification.logged_rows import LoggedRows
from projections.verification.readers import Reader
from projections.verification.readers.base import Row
from projections.verification.rules import TABLES, Table
from projections.verification.unfit import why_unfit


def named_positions(upto: int) -> list[int]:
    """The positions whose heads a certificate names: the first, and the last 8 of each 2^n.

    So two certificates of one log name some in common, close before the earlier one's end, and
    contradict each other there if the log was cut off in between and went on in another way.
    """
    found = {1} if upto else set()
    step = 1
    while step <= upto:
        last = upto - upto % step
        found.update(range(last, max(last - 8 * step, 0), -step))
        step *= 2
    return sorted(found)


class HostSeen(NamedTuple):
    """Which host was read."""

    id: UUID
    fingerprint: str
    id_offset: int
    vendor: str
    source: ReadFrom


class Withheld(NamedTuple):
    """A row that a table's column cannot hold, why, and who said what it cannot hold."""

    table: str
    pk: int
    column: str
    reason: str
    by: Speaker


@dataclass
class HostTable:
    """One table of the host, by the published recipe. `columns` are all that it has."""

    columns: list[str] = field(default_factory=list)
    rows: int = 0
    digest: Digest = field(default_factory=Digest)
    types: list[str] = field(default_factory=list)
    """The columns' types, as the host declares them."""


class Proof:
    """Digests of what was read; with an `export`, also the rows themselves."""

    def __init__(self, export: Export | None = None) -> None:
        self.export = export
        self.host: HostSeen | None = None
        self.position = 0
        self.chain_head = GENESIS
        self.heads: dict[int, bytes] = {}
        self.host_tables: dict[str, HostTable] = {}
        self.log_digests: dict[str, str] = {}
        self.withheld: list[Withheld] = []

    def begin(self, host: Reader, log: Landmarks, source: ReadFrom) -> None:
        """The snapshots that will be read; that of the host is of this `source`."""
        known_by = fingerprint(host, retired=log.retired is not None)
        self.host = HostSeen(log.host, known_by, log.id_offset, host.vendor, source)
        self.position, self.chain_head = log.position, log.head
        self.heads = log.hashes_at(named_positions(log.position))
        self.log_digests = logged_digests(log)

    def attend(self, table: Table, parts: Sequence[HostRows | LoggedRows], tally: Tally) -> None:
        """See the rows of this table, and of the host's table of the same name, as they pass."""
        own = parts[0]
        if isinstance(own, HostRows):
            seen = self.host_tables[table.name] = HostTable(
                list(own.at), types=[want.column.type for want in own.wanted[: len(own.at)]]
            )
            own.seen = partial(self._host_rows, own, seen)
        tally.seen = partial(self._stored, table)

    def differs(self, difference: Difference) -> None:
        """Keep what is quarantined, however much else there is."""
        if difference.misfit is not None:
            rules = {rule.column: rule for rule in TABLES[difference.table].rules}
            why = why_unfit(rules[difference.column].holds, difference.misfit.value)
            by = difference.misfit.by
            self.withheld.append(
                Withheld(difference.table, difference.pk, difference.column, why, by)
            )

    def _host_rows(self, own: HostRows, seen: HostTable, rows: list[Row]) -> None:
        said = list(zip(*rows, strict=True))
        if own.lookup is not None:
            said.pop()  # which is another table's
        columns = [
            host_cells(own.host.vendor, want, values)
            for want, values in [*zip(own.wanted, said, strict=True)][: len(own.at)]
        ]
        seen.rows += len(rows)
        seen.digest.add(list(map("".join, rows_of(columns))))
        if self.export is not None:
            keys = [row[own.at["id"]] for row in rows]
            self.export.add("host", own.of.name, keys, rows_of(columns))

    def _stored(self, table: Table, chunk: Chunk) -> None:
        if self.export is not None and chunk.ids:
            self.export.add("projection", table.label, chunk.ids, rows_of(chunk.columns))
