"""The index of imported rows: the last imported digest of each host row, by table and key.

It only saves reading the log: `reindex` rebuilds it. The checkpoint is the log position up to which
the index is complete. Every chunk of an import locks the checkpoint, checks that no other import
has moved it, and moves it.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connections

from domain.administration.values import LostHead
from infrastructure.event_store.chain import GENESIS
from infrastructure.event_store.log import Log
from infrastructure.hosts.importing.row_digests import DIGEST, MODULUS, NewRow, checksum_part
from infrastructure.hosts.sql import sql

PAGE = 5_000
_NOTHING = bytes(DIGEST)


class Checkpoint(NamedTuple):
    """Position and chain hash of the last chunk; number and checksum of the index's rows."""

    position: int = 0
    hash: bytes = GENESIS
    rows: int = 0
    checksum: int = 0


class ChangedRow(NamedTuple):
    """A row whose entry changes; `digest` is None if it vanished."""

    table: str
    key: int
    before: bytes | None
    digest: bytes | None


class Index:
    """The index beside the log on one of Django's connections."""

    def __init__(self, log: Log) -> None:
        self.log = log
        self.using = log.using
        self.apart = False

    def set_apart(self) -> None:
        """Use an empty, temporary index from now on, visible only to this connection."""
        self.apart = True
        self._execute_all(sql(f"copy_{self.connection.vendor}"))

    def forget_apart(self) -> None:
        """Drop the temporary index, if one is used, and use the permanent one again."""
        if self.apart:
            schema = "pg_temp" if self.connection.vendor == "postgresql" else "temp"
            tables = ("hosts_importedrow", "hosts_importcheckpoint")
            self._execute_all("; ".join(f"DROP TABLE {schema}.{table}" for table in tables))
            self.apart = False

    @property
    def connection(self) -> Any:
        return connections[self.using]

    def checkpoint(self) -> Checkpoint:
        """The current checkpoint, without a lock."""
        return self._checkpoint(sql("checkpoint"))

    def lock(self) -> Checkpoint:
        """The same, locked until the transaction ends. On SQLite, all is locked already."""
        with self.connection.cursor() as cursor:
            cursor.execute(
                sql("new_checkpoint"), [GENESIS, _NOTHING]
            )  # there must be a row to lock
        locking = "FOR UPDATE" if self.connection.vendor == "postgresql" else ""
        return self._checkpoint(sql("checkpoint") + locking)

    def move(self, checkpoint: Checkpoint) -> None:
        """Update the checkpoint, inside the chunk's transaction."""
        position, hash_, rows, checksum = checkpoint
        with self.connection.cursor() as cursor:
            cursor.execute(
                sql("move_checkpoint"), [position, hash_, rows, checksum.to_bytes(DIGEST, "big")]
            )

    def has_rows(self, table: str) -> bool:
        return next(self.known(table), None) is not None

    def known(self, table: str) -> Iterator[tuple[int, bytes | None]]:
        """Every key of a table with its digest, lowest key first, in pages."""
        rows = self._page(sql("first_page_of_rows"), [table, PAGE])
        while rows:
            yield from rows
            rows = self._page(sql("page_of_rows"), [table, rows[-1][0], PAGE])

    def apply(
        self, checkpoint: Checkpoint, new: Sequence[NewRow], changed: Sequence[ChangedRow]
    ) -> Checkpoint:
        """Write these rows; returns the checkpoint with the new number and checksum."""
        if new:
            self._insert(new)
        if changed:
            with self.connection.cursor() as cursor:
                cursor.executemany(
                    sql("change_rows"), [(row.digest, row.table, row.key) for row in changed]
                )
        total = checkpoint.checksum + sum(checksum_part(digest) for _, _, digest, _ in new)
        total += sum(checksum_part(row.digest) - checksum_part(row.before) for row in changed)
        return checkpoint._replace(rows=checkpoint.rows + len(new), checksum=total % MODULUS)

    def upsert(self, rows: Iterable[NewRow]) -> None:
        """Write rows that may exist already; for a rebuild of the index."""
        with self.connection.cursor() as cursor:
            cursor.executemany(
                sql("upsert_rows"),
                [(table, key, digest, self._uuid(stream)) for table, key, digest, stream in rows],
            )

    def clear(self) -> None:
        """Delete all rows; `reindex` does this first."""
        with self.connection.cursor() as cursor:
            cursor.execute("DELETE FROM hosts_importedrow")

    def _execute_all(self, statements: str) -> None:
        with self.connection.cursor() as cursor:
            for statement in statements.split(";"):
                cursor.execute(statement)

    def _checkpoint(self, statement: str) -> Checkpoint:
        with self.connection.cursor() as cursor:
            cursor.execute(statement)
            row = cursor.fetchone()
        if row is None:
            return Checkpoint()
        return Checkpoint(row[0], bytes(row[1]), row[2], int.from_bytes(row[3], "big"))

    def _page(self, statement: str, parameters: list[Any]) -> list[tuple[int, bytes | None]]:
        with self.connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            return [
                (key, None if digest is None else bytes(digest))
                for key, digest in cursor.fetchall()
            ]

    def _insert(self, rows: Sequence[NewRow]) -> None:
        if self.connection.vendor == "postgresql":
            with (
                self.connection.wrap_database_errors,
                self.connection.connection.cursor() as cursor,
                cursor.copy(sql("copy_rows")) as copy,
            ):
                copy.write("".join(map(_copy_row, rows)))
            return
        # The driver's own method: Django's inspects every call and keeps a copy of every row.
        with self.connection.wrap_database_errors:
            self.connection.connection.executemany(
                sql("insert_rows"),
                [(table, key, digest, stream.hex()) for table, key, digest, stream in rows],
            )

    def _uuid(self, stream: bytes) -> UUID | str:
        return UUID(bytes=stream) if self.connection.vendor == "postgresql" else stream.hex()


def beyond_the_log(log: Log) -> Iterator[LostHead]:
    """The index's checkpoint, if the log ends before it. An import repairs any other fault."""
    checkpoint = Index(log).checkpoint()
    if checkpoint.position > log.head().position:
        yield LostHead(
            remembered_by="import_index", position=checkpoint.position, hash=checkpoint.hash.hex()
        )


def _copy_row(row: NewRow) -> str:
    table, key, digest, stream = row
    written = "\\N" if digest is None else f"\\\\x{digest.hex()}"
    return f"{table}\t{key}\t{written}\t{stream.hex()}\n"
