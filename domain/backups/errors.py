"""Errors of backups."""

from uuid import UUID

from domain.errors import DomainError


class BackupNotFound(DomainError):
    code = "backup_not_found"

    def __init__(self, backup_id: object) -> None:
        super().__init__(f"There is no backup {backup_id} in the log.")


class BackupExists(DomainError):
    code = "backup_exists"

    def __init__(self, backup_id: UUID) -> None:
        super().__init__(
            f"The log already has something with the id {backup_id}. A new backup needs a new id; "
            "leave it out, and the service chooses one."
        )


class BackupExpiredAlready(DomainError):
    """The backup can no longer be restored from, so there is nothing to expire or to verify."""

    code = "backup_expired"

    def __init__(self, backup_id: UUID) -> None:
        super().__init__(f"Backup {backup_id} has expired already.")


class BackupBelongsToHost(DomainError):
    code = "backup_belongs_to_host"

    def __init__(self, backup_id: UUID) -> None:
        super().__init__(
            f"Backup {backup_id} was imported: the host keeps it. It cannot be expired or verified "
            "here."
        )


class BackupChanged(DomainError):
    """The backup is not at the version that the client had seen."""

    code = "backup_changed"

    def __init__(self, backup_id: UUID, version: int) -> None:
        super().__init__(
            f"Backup {backup_id} is at version {version} now: something was recorded since it was "
            "read. Nothing was changed. Read it again, and decide again."
        )


class ChecksumInvalid(DomainError):
    code = "checksum_invalid"

    def __init__(self) -> None:
        super().__init__(
            "A checksum is `sha256:` and 64 hexadecimal digits: the SHA-256 of the stored file."
        )
