"""The rows of a host's tables, each with what its event would say."""

from collections.abc import Iterator
from uuid import UUID
from zoneinfo import ZoneInfo

from infrastructure.hosts.catalogue import Table
from infrastructure.hosts.errors import KeyNotInteger
from infrastructure.hosts.readers.base import Reader, RowQuery
from infrastructure.hosts.states import ReadRow, RowStates
from infrastructure.hosts.tables import HostTable
from infrastructure.hosts.users import user_lookup


class HostRows:
    """Reads the tables of one snapshot. `found` is the host's catalogue by table name."""

    def __init__(
        self,
        reader: Reader,
        found: dict[str, Table],
        *,
        host_id: UUID,
        offset: int,
        zone: ZoneInfo | None,
    ) -> None:
        self.reader = reader
        self.found = found
        self.host_id = host_id
        self.offset = offset
        self.zone = zone

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
        """The table's rows in key order; `KeyNotInteger` for a row that is out of it."""
        last = None
        for values in self.reader.rows(self._query(table)):
            row = states.read(values)
            if last is not None and row.key <= last:
                raise KeyNotInteger(table.name, row.key)
            last = row.key
            yield row

    def _query(self, table: HostTable) -> RowQuery:
        found = self.found[table.name]
        if table.backups is None:
            return RowQuery(found)
        linked = found.has("source_backup_id") and self.found[table.backups].has("database_name")
        user, username = user_lookup(self.reader, found) or (None, None)
        return RowQuery(found, table.backups if linked else None, user, username)
