"""The backup aggregate: registered in this service, or imported from a host."""

from datetime import datetime
from typing import Any, Self, Unpack
from uuid import UUID

from domain.aggregate import Aggregate
from domain.backups.events import BackupRegistered, HostBackupRow
from domain.events import About, Actor
from domain.moments import moment
from domain.restores.values import BackupRef
from domain.values import chosen_value


class Backup(Aggregate):
    """A backup that a restore can be made from."""

    def __init__(self, id: UUID) -> None:
        super().__init__(id)
        self.backup_type = ""
        self.database_name = ""
        self.legacy_id: int | None = None
        self.consolidated_id: int | None = None

    @classmethod
    def register(
        cls,
        backup_id: UUID,
        *,
        actor: Actor,
        id_offset: int,
        name: str,
        registered_at: datetime | None = None,
        backup_type: str = "database",
        status: str = "completed",
        database_name: str = "",
        file_path: str = "",
        size_bytes: int | None = None,
        now: datetime | None = None,
        **about: Unpack[About],
    ) -> Self:
        """A new backup. `id_offset` is twice the log's recorded id offset.

        Without a time, it is registered `now`, which is the service's clock.
        """
        backup = cls(backup_id)
        backup.record(
            BackupRegistered,
            actor=actor,
            about=about,
            id_offset=id_offset,
            name=name,
            backup_type=backup_type,
            status=status,
            database_name=database_name,
            file_path=file_path,
            size_bytes=size_bytes,
            registered_at=moment(backup_id, registered_at, now),
        )
        return backup

    @property
    def reference(self) -> BackupRef:
        """How events of restores refer to it."""
        return BackupRef(
            backup_id=self.id, legacy=self.legacy_id, consolidated=self.consolidated_id
        )

    def when(self, event: Any) -> None:
        match event:
            case BackupRegistered():
                self.backup_type = event.backup_type
                self.database_name = event.database_name
                # The row's id contains the event's position, known once it is stored.
                if event.position:
                    self.consolidated_id = event.id_offset + event.position
                if stands_in_legacy(event.backup_type):
                    self.legacy_id = self.consolidated_id
            case HostBackupRow():
                self.database_name = str(
                    chosen_value(event.columns, event.sources, "database_name", "database_name")
                    or ""
                )
                self.legacy_id = event.legacy_id
                self.consolidated_id = event.consolidated_id


def stands_in_legacy(backup_type: str) -> bool:
    """Whether the legacy table shows a backup registered here: it holds databases, not files."""
    return backup_type != "files"
