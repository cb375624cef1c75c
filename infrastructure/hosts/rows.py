"""The rows of a host's tables, each with what its event would say."""

from collections.abc import Iterator, Mapping
from uuid import UUID
from zoneinfo import ZoneInfo

from infrastructure.hosts.catalogue import Table
from infrastructure.hosts.connecting.counting import all_or_none
from infrastructure.hosts.errors import KeyNotInteger
from infrastructure.hosts.readers.base import Reader, RowQuery
from infrastructure.hosts.states import ReadRow, RowStates
from infrastructure.hosts.tables import HostTable
from infrastructure.hosts.users import user_lookup


class HostRows:
    """Reads the tables of one snapshot. By table name, `found` is the host's catalogue, and
    `counts` how many rows there are."""

    def __init__(
        self,
        reader: Reader,
        found: dict[str, Table],
        *,
        host_id: UUID,
        offset: int,
        zone: ZoneInfo | None,
        counts: Mapping[str, int],
    ) -> None:
        self.reader = reader
        self.found = found
        self.host_id = host_id
        self.offset = offset
        self.zone = zone
        self.counts = counts

    def states(self, table: HostTable) -> RowStates:
        """What turns the table's rows into states."""
        return RowStates(
            table,
            self.found[table.name],
            host_id=self.host_id,
            offset=self.offset,
            zone=self.zone,
        )

    def read(self, table: HostTable, states: RowStates) -> Iterator[ReadRow]:
        """The table's rows in key order; `KeyNotInteger` for a row that is out of it,
        `RowsMissing` at the end if they were not all."""
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

        SQLite compares any values; elsewhere comparing text with a number fails, or finds more.
        """
        if table.backups is None:
            return False
        own = self.found[table.name].column("source_backup_id")
        key = self.found[table.backups].column("id")
        if own is None or key is None:
            return False
        return self.reader.compares_all or own.family == key.family == "int"

    def _names_databases(self, backups: str) -> bool:
        """Whether its `database_name` holds text; what it holds in SQLite is seen row by row."""
        column = self.found[backups].column("database_name")
        if column is None:
            return False
        return column.family == "text" or (
            self.reader.compares_all and column.family not in ("time", "decimal", "raw")
        )

    def _query(self, table: HostTable) -> RowQuery:
        found = self.found[table.name]
        if table.backups is None:
            return RowQuery(found)
        linked = self.names_backups(table) and self._names_databases(table.backups)
        user, username = user_lookup(self.reader, found) or (None, None)
        return RowQuery(found, table.backups if linked else None, user, username)
