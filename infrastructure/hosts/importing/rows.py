"""The rows of a host's tables, read together with the data that their events need."""

from collections.abc import Iterator, Mapping
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.consolidation.values import ColumnChoices
from infrastructure.hosts.columns import names_of_backups
from infrastructure.hosts.connecting.counting import all_or_none
from infrastructure.hosts.errors import KeyNotInteger
from infrastructure.hosts.importing.row_encoder import ReadRow, RowEncoder
from infrastructure.hosts.moved_rows import Filled
from infrastructure.hosts.readers.base import Reader, RowQuery
from infrastructure.hosts.schema import ColumnSchema, TableSchema
from infrastructure.hosts.tables import HostTable
from infrastructure.hosts.users import user_lookup


class HostRows:
    """Reads the tables of one snapshot. By table name, `found` has the schemas, and `counts` the
    numbers of rows; `choices` say which columns fill which targets."""

    def __init__(
        self,
        reader: Reader,
        found: dict[str, TableSchema],
        *,
        host_id: UUID,
        offset: int,
        zone: ZoneInfo | None,
        counts: Mapping[str, int],
        choices: ColumnChoices,
        filled: Filled | None = None,
    ) -> None:
        """`filled` has the restores into which a migration of the host wrote a target database;
        None if there was none."""
        self.reader = reader
        self.found = found
        self.host_id = host_id
        self.offset = offset
        self.zone = zone
        self.counts = counts
        self.choices = choices
        self.filled = filled

    def states(self, table: HostTable) -> RowEncoder:
        """The encoder of the table's rows."""
        return RowEncoder(
            table,
            self.found[table.name],
            host_id=self.host_id,
            offset=self.offset,
            zone=self.zone,
            choices=self.choices,
            filled=self.filled,
        )

    def read(self, table: HostTable, states: RowEncoder) -> Iterator[ReadRow]:
        """The table's rows in key order; `KeyNotInteger` for a row that is out of order,
        `RowsMissing` at the end if rows were missing."""
        last = None
        rows = self.reader.rows(self._query(table))
        for values in all_or_none(rows, table.name, self.counts[table.name]):
            row = states.read(values)
            if last is not None and row.key <= last:
                raise KeyNotInteger(table.name, row.key)
            last = row.key
            yield row

    def names_backups(self, table: HostTable) -> bool:
        """Whether rows of this table name backups in a way that the host can look up.

        SQLite compares any values; in other databases, comparing text with a number fails, or finds
        too much.
        """
        if table.backups is None:
            return False
        found = self.found[table.name]
        own = [found.column(name) for name in self.choices[table.label]["source_backup_id"].sources]
        key = self.found[table.backups].column("id")
        if not own or key is None:
            return False
        families = {column.family for column in (*own, key) if column is not None}
        return self.reader.compares_all or families == {"int"}

    def _can_hold_names(self, column: ColumnSchema) -> bool:
        """Whether this column of a backup can hold text; in SQLite each row decides about that."""
        return column.family == "text" or (
            self.reader.compares_all and column.family not in ("time", "raw")
        )

    def _query(self, table: HostTable) -> RowQuery:
        found = self.found[table.name]
        if table.backups is None:
            return RowQuery(found)
        own = self.choices[table.label]
        backup, created_by = own["source_backup_id"].sources, own["created_by_id"].sources
        names = [
            column
            for name in names_of_backups(table, self.choices)
            if (column := self.found[table.backups].column(name)) is not None
        ]
        texts = [column.name for column in names if self._can_hold_names(column)]
        linked = bool(texts) and self.names_backups(table)
        user = user_lookup(self.reader, found, created_by)
        return RowQuery(
            found,
            backups=table.backups if linked else None,
            backup=backup,
            database=[column.name for column in names],
            texts=texts,
            created_by=created_by,
            user=user,
        )
