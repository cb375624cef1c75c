"""The event of a changed copy: the legacy row as the log has it, with the copy's values."""

from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.backups.events import BackupCopyChangedInHost
from domain.restores.events import HostRow, RestoreCopyChangedInHost
from domain.restores.values import BackupRef
from domain.values import Columns, Sources, Tagged, Value
from infrastructure.hosts.columns import NAMES_OF_ITS_BACKUP
from infrastructure.hosts.importing.copies import (
    BACKUP,
    TARGET,
    CopyChanged,
    Said,
    SharedColumns,
    first,
)
from infrastructure.hosts.importing.row_encoder import stream_id
from infrastructure.hosts.local_times import local_to_instant
from infrastructure.hosts.schema import TableSchema
from infrastructure.hosts.tables import CONSOLIDATED_BACKUPS, LEGACY_BACKUPS, TIMES


class CopyEncoder:
    """Makes the events of the changed copies of one legacy table."""

    def __init__(
        self,
        shared: SharedColumns,
        copies: TableSchema,
        *,
        host_id: UUID,
        offset: int,
        zone: ZoneInfo | None,
    ) -> None:
        self.shared = shared
        self.host_id = host_id
        self.offset = offset
        self.zone = zone
        self._local = {column.name for column in copies.columns if column.local}

    def event(self, before: Said, copy: Columns, username: str | None) -> CopyChanged:
        """The event that says that the row in the event `before` now says what its copy says.

        `username` is the name of the copy's user.
        """
        columns, assumed = dict(before.columns), dict(before.assumed)
        derived, sources = dict(before.derived), dict(before.sources)
        for one in self.shared.differing(before, copy):
            value = first(copy, one.copy)
            name = _filling(before.columns, one.legacy) or one.target
            columns[name] = value
            assumed.pop(one.target, None)
            derived.pop(one.target, None)
            if not one.legacy and one.target in sources:
                sources[one.target] = (one.target,)
            self._read_time(one.target, one.copy, copy, derived, assumed)
        place = (before.origin, before.legacy_id, before.consolidated_id)
        origin, legacy_id, consolidated_id = place
        if not isinstance(before, HostRow):
            return BackupCopyChangedInHost(
                origin=origin,
                legacy_id=legacy_id,
                consolidated_id=consolidated_id,
                columns=columns,
                derived=derived,
                assumed=assumed,
                sources=sources,
                copy_columns=copy,
            )
        self._set_target(before, copy, columns, derived, sources)
        return RestoreCopyChangedInHost(
            origin=origin,
            legacy_id=legacy_id,
            consolidated_id=consolidated_id,
            backup=self._backup(before, copy, columns),
            columns=columns,
            derived=derived,
            assumed=assumed,
            sources=sources,
            username=username,
            copy_columns=copy,
        )

    def _read_time(
        self,
        target: str,
        names: tuple[str, ...],
        copy: Columns,
        derived: Columns,
        assumed: Columns,
    ) -> None:
        """Note the instant of a copy's naive local time."""
        name = _filling(copy, names)
        value: Any = copy.get(name)
        local = target in TIMES and self.zone is not None and name in self._local
        if local and isinstance(value, Tagged) and value.kind == "time":
            assert self.zone is not None
            when = local_to_instant(value.v, self.zone)
            if when is not None:
                (derived if when.certain else assumed)[target] = when.time

    def _set_target(
        self, before: HostRow, copy: Columns, columns: Columns, derived: Columns, sources: Sources
    ) -> None:
        if self.shared.same_target(before, copy):
            return
        columns[_filling(columns, self.shared.of_legacy(TARGET)) or TARGET] = first(
            copy, self.shared.of_copy(TARGET)
        )
        derived.pop(TARGET, None)
        sources.pop(NAMES_OF_ITS_BACKUP, None)

    def _backup(self, before: HostRow, copy: Columns, columns: Columns) -> BackupRef | None:
        """The copy's backup: a moved one is its legacy original."""
        if self.shared.same_backup(before, copy):
            return before.backup
        key = self.shared.backup_of_copy(copy)
        original = self.shared.moved.backups.original(key)
        columns[_filling(columns, self.shared.of_legacy(BACKUP)) or BACKUP] = original
        if original is not None:
            return BackupRef(
                backup_id=stream_id(self.host_id, LEGACY_BACKUPS.name, original),
                legacy=original,
                consolidated=self.offset + original,
            )
        if key is None:
            return None
        made = stream_id(self.host_id, CONSOLIDATED_BACKUPS.name, key)
        return BackupRef(backup_id=made, legacy=None, consolidated=key)


def _filling(columns: Columns, names: tuple[str, ...]) -> str:
    """The column that fills a target: the first of these that is not null, else the first."""
    filled: list[str] = [name for name in names if _said(columns, name)]
    return next(iter([*filled, *names]), "")


def _said(columns: Columns, name: str) -> Value:
    return columns.get(name) is not None
