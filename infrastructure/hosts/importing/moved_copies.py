"""What an import does about the rows that a migration of the host has moved.

A copy in the consolidated table is no restore or backup of its own: it is its legacy row's. As long
as both say what the log knows, there is nothing to record. A legacy row that is gone has not
vanished while its copy is there.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from heapq import merge
from itertools import groupby
from typing import Any
from uuid import UUID

from domain.consolidation.values import ColumnChoices
from domain.events import Event
from domain.values import Columns
from infrastructure.event_store.codec import CODEC
from infrastructure.event_store.log import Log
from infrastructure.event_store.models import Event as StoredEvent
from infrastructure.event_store.records import NewEvent
from infrastructure.hosts.errors import MovedRowsUnclear
from infrastructure.hosts.importing.copies import CopyChanged, Said, SharedColumns
from infrastructure.hosts.importing.copy_encoder import CopyEncoder
from infrastructure.hosts.importing.copy_survey import CopySurvey
from infrastructure.hosts.importing.row_encoder import ReadRow, RowEncoder, stream_id
from infrastructure.hosts.importing.row_index import Index
from infrastructure.hosts.importing.rows import HostRows
from infrastructure.hosts.importing.topics import COPIES
from infrastructure.hosts.moved_rows import MOVED, MovedRows
from infrastructure.hosts.schema import TableSchema
from infrastructure.hosts.tables import (
    CONSOLIDATED_BACKUPS,
    CONSOLIDATED_RESTORES,
    HOST_TABLES,
    LEGACY_BACKUPS,
    LEGACY_RESTORES,
    HostTable,
)

FIRST = 10
"""So many ids are named in a report."""


class MovedCopies:
    """The moved rows of one snapshot of the host."""

    def __init__(
        self,
        moved: MovedRows,
        found: Mapping[str, TableSchema],
        log: Log,
        keys: Callable[[str], Iterator[int]],
    ) -> None:
        """`found` are the tables that are imported; `keys` reads the ids of one of them."""
        self.moved = moved
        self.found = found
        self.log = log
        self.surveys: dict[str, CopySurvey] = {}
        self._encoders: dict[str, CopyEncoder] = {}
        self._host_id: UUID | None = None
        for legacy, consolidated in (
            (LEGACY_BACKUPS, CONSOLIDATED_BACKUPS),
            (LEGACY_RESTORES, CONSOLIDATED_RESTORES),
        ):
            pairs = moved.pairs(consolidated)
            if pairs:
                survey = CopySurvey(legacy, consolidated, pairs)
                survey.see_copies(keys(consolidated.name))
                self.surveys[legacy.name] = self.surveys[consolidated.name] = survey

    def with_copies(self, table: str, keys: Iterator[int]) -> Iterator[int]:
        """The ids of a legacy table's rows, and of those of which only the copies are left."""
        survey = self.surveys.get(table)
        if survey is None or table != survey.legacy.name:
            return keys
        return (key for key, _ in groupby(merge(keys, survey.originals(standing=True))))

    def still_there(self, table: str, known: Iterable[tuple[int, Any]]) -> Iterator[int]:
        """The ids of a retired legacy table's rows that are not gone: those of which the copy is
        gone have vanished, since nothing else is read any more."""
        survey = self.surveys.get(table)
        gone = set() if survey is None else set(survey.originals(standing=False))
        return (key for key, _ in known if key not in gone)

    def judge(self, host: HostRows, index: Index) -> None:
        """Find the changed copies. Raises `MovedRowsConflict` or `MovedRowsUnclear`."""
        self._host_id = host.host_id
        for name, survey in self.surveys.items():
            if name != survey.legacy.name:
                continue
            self._refuse_imported(survey, index)
            shared = shared_columns(
                survey.legacy, survey.consolidated, self.found, host.choices, self.moved
            )
            self._encoders[survey.consolidated.name] = CopyEncoder(
                shared,
                self.found[survey.consolidated.name],
                host_id=host.host_id,
                offset=host.offset,
                zone=host.zone,
            )
            survey.judge(
                self._legacy_rows(host, survey.legacy),
                index.known(name),
                self._copies(host, survey.consolidated),
                index.known(survey.consolidated.name),
                shared,
                partial(self._histories, name),
                self._touched(survey),
            )

    def _refuse_imported(self, survey: CopySurvey, index: Index) -> None:
        """Refuse a copy that was imported as a row of its own."""
        for key, digest in index.known(survey.consolidated.name):
            original = survey.pairs.original(key)
            if original is not None and digest is not None:
                raise MovedRowsUnclear(
                    MOVED,
                    f"it says that row {key} of {survey.consolidated.name} is a copy of row "
                    f"{original} of {survey.legacy.name}, and it was imported as a row of its own",
                )

    def are_copies(self, table: str) -> Callable[[int], bool]:
        """Whether rows of this table are copies, by their ids."""
        known = next(one for one in HOST_TABLES if one.name == table)
        return lambda key: self.is_copy(known, key)

    def is_copy(self, table: HostTable, key: int) -> bool:
        survey = self.surveys.get(table.name)
        if survey is None or table.name != survey.consolidated.name:
            return False
        if not table.holds_backups and key in self.moved.further:
            return True
        return survey.pairs.number_of_copy(key) is not None

    def is_unchanged(self, table: HostTable) -> bool:
        """Whether every row of this table is as the log knows it: it need not be read again."""
        survey = self.surveys.get(table.name)
        return survey is not None and table.name in survey.unchanged

    def event(
        self, table: HostTable, row: ReadRow, states: RowEncoder, metadata: bytes
    ) -> NewEvent | None:
        """The event of this copy, if it has changed; its version is found later."""
        survey = self.surveys[table.name]
        original = survey.pairs.original(row.key)
        if original is None or row.key not in survey.changed:
            return None
        assert self._host_id is not None
        stream = stream_id(self._host_id, survey.legacy.name, original)
        before = next(
            event
            for event in reversed(self.log.stream(stream))
            if isinstance(event, Said) and not isinstance(event, CopyChanged)
        )
        copy = dict(zip(states.names, row.values, strict=False))
        event = self._encoders[table.name].event(before, copy, states.username(row))
        topic, version, state, _ = CODEC.encode(event)
        return NewEvent(stream, 0, topic, version, state, metadata)

    def as_json(self) -> dict[str, Any]:
        """By consolidated table: how many rows were moved into it, and which of them, in the
        legacy table still, have lost their copies."""
        return {
            survey.consolidated.label: {
                "rows": len(survey.pairs),
                "missing": len(survey.lost),
                "first_missing": survey.lost[:FIRST],
                **self._to_move(survey),
            }
            for name, survey in self.surveys.items()
            if name == survey.consolidated.name
        }

    def _to_move(self, survey: CopySurvey) -> dict[str, Any]:
        """What the host's next move has to do. Only backups of moved restores are moved."""
        if not self.moved.began or survey.legacy.name not in self.found:
            return {}
        waiting = sorted(survey.waiting)
        told: dict[str, Any] = {"waiting": len(waiting), "first_waiting": waiting[:FIRST]}
        if not survey.legacy.holds_backups:
            told["not_moved"] = len(survey.not_moved)
            told["first_not_moved"] = survey.not_moved[:FIRST]
        return told

    def _legacy_rows(
        self, host: HostRows, table: HostTable
    ) -> Iterator[tuple[ReadRow, Columns, str]]:
        if table.name not in self.found:
            return
        names = self.found[table.name].names
        states = host.states(table)
        for row in host.read(table, states):
            yield row, dict(zip(names, row.values, strict=False)), states.database(row)

    def _copies(self, host: HostRows, table: HostTable) -> Iterator[tuple[ReadRow, Columns]]:
        names = self.found[table.name].names
        for row in host.read(table, host.states(table)):
            yield row, dict(zip(names, row.values, strict=False))

    def _histories(self, table: str, keys: Sequence[int]) -> dict[int, list[Event]]:
        """The events of these rows of a legacy table, by id."""
        assert self._host_id is not None
        streams = {stream_id(self._host_id, table, key): key for key in keys}
        found: dict[int, list[Event]] = {}
        if streams:
            for event in self.log.events_of(list(streams), self.log.head().position):
                found.setdefault(streams[event.originator_id], []).append(event)
        return found

    def _touched(self, survey: CopySurvey) -> set[int]:
        """The legacy ids of the rows of which a changed copy was recorded."""
        assert self._host_id is not None
        streams = set(
            StoredEvent.objects.using(self.log.using)
            .filter(topic__in=sorted(COPIES))
            .values_list("stream_id", flat=True)
        )
        if not streams:
            return set()
        return {
            key
            for key in survey.pairs.legacy
            if stream_id(self._host_id, survey.legacy.name, key) in streams
        }


def shared_columns(
    legacy: HostTable,
    consolidated: HostTable,
    found: Mapping[str, TableSchema],
    choices: ColumnChoices,
    moved: MovedRows,
) -> SharedColumns:
    """What the rows of these two tables share."""
    return SharedColumns(legacy, consolidated, found[consolidated.name].names, choices, moved)
