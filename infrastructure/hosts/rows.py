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

    def _query(self, table: HostTable) -> RowQuery:
        found = self.found[table.name]
        if table.backups is None:
            return RowQuery(found)
        linked = found.has("source_backup_id") and self.found[table.backups].has("database_name")
        user, username = user_lookup(self.reader, found) or (None, None)
        return RowQuery(found, table.backups if linked else None, user, username)
