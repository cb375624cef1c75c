"""The expected rows of the host's retired tables, from the log.

After the migration is retired, the host's legacy tables are no longer read. The log's record of
their rows takes the host's place; the last certificate shows that it has not changed since.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

import msgspec

from domain.backups.events import HostBackupRow
from domain.restores.events import HostRow
from projections.verification.cells import Cells
from projections.verification.chunks import ComparedChunk
from projections.verification.expected.assumptions import Suppositions
from projections.verification.expected.from_log import (
    amended_cells,
    logged_misfit,
    own_row,
    standing_row,
)
from projections.verification.expected.schema import ExpectedTable
from projections.verification.identity import stream_ids
from projections.verification.log_index import Entry, LogIndex

STREAMS = 1_000


@dataclass
class LoggedRows:
    """The rows of one host table by their last events, as they must be in `into`.

    `rows` and `digest` are the table's, by the log: SHA-256 over the SHA-256 of each row's columns,
    as stored in the event, in order of their keys. They are complete after all chunks were read.
    What the copy of a row said after the host's migration is not part of its table.
    """

    log: LogIndex
    into: ExpectedTable
    of: ExpectedTable
    derives_target = False

    def __post_init__(self) -> None:
        self.shift = 0 if self.of is self.into else self.log.id_offset
        self.rows = 0
        self.suppositions = Suppositions(self.of)
        self._sum = sha256()

    @property
    def digest(self) -> str:
        return self._sum.hexdigest()

    def chunks(self) -> Iterator[ComparedChunk]:
        """All rows, in order of the id that they have in the table."""
        keys = self.log.keys_of(self.of)
        for start in range(0, len(keys), STREAMS):
            chunk = self._chunk(keys[start : start + STREAMS])
            if chunk is not None:
                yield chunk

    def _was_retired(self, entries: Sequence[Entry]) -> bool:
        """Whether a row that has vanished stood in its table when that was retired: the last that
        was left of it then is its copy."""
        upto = self.log.retired_at
        return standing_row([entry for entry in entries if entry[0] <= upto]) is not None

    def _chunk(self, keys: Sequence[int]) -> ComparedChunk | None:
        streams = stream_ids(self.log.host, self.of.name, keys)
        found = self.log.streams(streams)
        ids: list[int] = []
        named: list[str] = []
        rows: list[Cells] = []
        heard: list[tuple[HostRow | HostBackupRow, list[Entry]]] = []
        for key, stream in zip(keys, streams, strict=True):
            entries = found[stream]
            row, own = standing_row(entries), own_row(entries)
            if row is not None or self._was_retired(entries):
                self._sum.update(sha256(msgspec.json.encode(own.columns)).digest())
                self.rows += 1
            if row is None:
                continue  # It has vanished from the host.
            if self.into is self.of:
                self.suppositions.logged_row(own)
            ids.append(key + self.shift)
            named.append(stream)
            heard.append((row, entries))
            rows.append(amended_cells(self.into, row, entries, self.shift, stream))
        if not ids:
            return None
        chunk = ComparedChunk(ids, [list(column) for column in zip(*rows, strict=True)], named)
        chunk.misfits = {
            (n, number): logged_misfit(self.into, *heard[n], self.shift, number)
            for n, number in chunk.unfit.items()
        }
        return chunk
