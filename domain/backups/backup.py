"""The backup aggregate: registered in this service, or imported from a host."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self, Unpack
from uuid import UUID

from domain.aggregate import Aggregate
from domain.backups import errors
from domain.backups.events import BackupExpired, BackupRegistered, BackupVerified, HostBackupRow
from domain.events import About, Actor
from domain.moments import world_time
from domain.restores.values import BackupRef, CheckResult
from domain.values import chosen_value

CHECKSUM = re.compile("sha256:[0-9a-fA-F]{64}").fullmatch


class Backup(Aggregate):
    """A backup that a restore can be made from."""

    def __init__(self, id: UUID) -> None:
        super().__init__(id)
        self.backup_type = ""
        self.database_name = ""
        self.legacy_id: int | None = None
        self.consolidated_id: int | None = None
        self.imported = False
        self.expired = False

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
        checksum: str = "",
        format: str = "",
        contents: Mapping[str, int | None] | None = None,
        now: datetime | None = None,
        **about: Unpack[About],
    ) -> Self:
        """A new backup. `id_offset` is twice the log's recorded id offset.

        Without a time, it is registered `now`, which is the service's clock. Raises
        `ChecksumInvalid`.
        """
        if checksum and not CHECKSUM(checksum):
            raise errors.ChecksumInvalid
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
            registered_at=world_time(backup_id, registered_at, now),
            checksum=checksum.lower(),
            format=format,
            contents=dict(contents or {}),
        )
        return backup

    def expire(
        self,
        *,
        actor: Actor,
        expired_at: datetime | None = None,
        message: str = "",
        now: datetime | None = None,
        **about: Unpack[About],
    ) -> None:
        """Record that it can no longer be restored from."""
        self._refuse_unless_kept()
        at = world_time(self.id, expired_at, now)
        self.record(BackupExpired, expired_at=at, message=message, actor=actor, about=about)

    def verify(
        self,
        *,
        actor: Actor,
        result: CheckResult,
        verified_at: datetime | None = None,
        check: str = "",
        output: str = "",
        now: datetime | None = None,
        **about: Unpack[About],
    ) -> None:
        """Record whether it was found to be right. The last check counts."""
        self._refuse_unless_kept()
        self.record(
            BackupVerified,
            verified_at=world_time(self.id, verified_at, now),
            result=result,
            check=check,
            output=output,
            actor=actor,
            about=about,
        )

    def _refuse_unless_kept(self) -> None:
        if self.imported:
            raise errors.BackupBelongsToHost(self.id)
        if self.expired:
            raise errors.BackupExpiredAlready(self.id)

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
            case BackupExpired():
                self.expired = True
            case HostBackupRow():
                self.imported = True
                self.database_name = str(
                    chosen_value(event.columns, event.sources, "database_name", "database_name")
                    or ""
                )
                self.legacy_id = event.legacy_id
                self.consolidated_id = event.consolidated_id


def stands_in_legacy(backup_type: str) -> bool:
    """Whether the legacy table shows a backup registered here: it holds databases, not files."""
    return backup_type != "files"
