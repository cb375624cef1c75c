"""Digests of the log's record of each host table: SHA-256 over its rows in order of key.

A row's hash is the SHA-256 of the `columns` of the last event with the row's values, in exactly
the bytes that the log stores; rows that have vanished from the host are left out. They need only
one pass over the log, so they cost little.
"""

from array import array
from dataclasses import dataclass, field
from hashlib import sha256

import msgspec

from projections.verification.expected.schema import TABLES, Subject
from projections.verification.log_index import BACKUP_TOPICS, RESTORE_TOPICS, LogIndex

IMPORTED = {"restore": RESTORE_TOPICS[0], "backup": BACKUP_TOPICS[0]}
SAYING = {"restore": RESTORE_TOPICS, "backup": BACKUP_TOPICS}
VANISHED = {"restore": "restore.VanishedFromHost", "backup": "backup.VanishedFromHost"}
SIZE = 32


class _Row(msgspec.Struct):
    """The needed part of a host row's event; `columns` stays as it is stored."""

    origin: str
    legacy_id: int | None
    consolidated_id: int
    columns: msgspec.Raw


_row = msgspec.json.Decoder(_Row).decode


@dataclass
class _Rows:
    """The rows of one host table: their keys, and their concatenated hashes."""

    keys: "array[int]" = field(default_factory=lambda: array("q"))
    hashes: bytearray = field(default_factory=bytearray)
    later: dict[int, bytes | None] = field(default_factory=dict)
    """The last state of rows that changed, vanished (None) or came back."""

    def digest(self) -> str:
        total = sha256()
        for number in sorted(range(len(self.keys)), key=self.keys.__getitem__):
            first = bytes(self.hashes[number * SIZE : (number + 1) * SIZE])
            total.update(self.later.get(self.keys[number], first) or b"")
        return total.hexdigest()


def logged_digests(log: LogIndex) -> dict[str, str]:
    """The digests by the name of the host's table."""
    return {
        name: rows.digest()
        for subject in ("backup", "restore")
        for name, rows in _read(log, subject).items()
    }


def _read(log: LogIndex, subject: Subject) -> dict[str, _Rows]:
    names = {table.origin: table.name for table in TABLES.values() if table.subject == subject}
    tables = {name: _Rows() for name in names.values()}
    gone = {stream for _, stream, *_ in log.pages((VANISHED[subject],))}
    leaving: dict[str, tuple[_Rows, int]] = {}
    for _, stream, topic, _, state in log.pages((*SAYING[subject], VANISHED[subject])):
        if topic == VANISHED[subject]:
            rows, key = leaving[stream]
            rows.later[key] = None
            continue
        row = _row(state)
        rows = tables[names["legacy" if row.origin == "legacy" else "consolidated"]]
        key = (row.legacy_id if row.origin == "legacy" else row.consolidated_id) or 0
        hash_ = sha256(row.columns).digest()
        if topic == IMPORTED[subject]:
            rows.keys.append(key)
            rows.hashes += hash_
            if stream in gone:
                leaving[stream] = rows, key
        else:
            rows.later[key] = hash_
    return tables
