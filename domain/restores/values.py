"""Value types of restores."""

from enum import StrEnum
from typing import Literal
from uuid import UUID

import msgspec

Origin = Literal["legacy", "consolidated", "recorded"]
"""Where a row comes from: the host's legacy table, its consolidated table, or this service."""

RestoreType = Literal["database", "files", "full", "custom"]
TriggerType = Literal["manual", "automatic", "recovery"]
Outcome = Literal["completed", "partial"]
FailureCause = Literal["error", "signal", "not_started", "interrupted"]
"""Why a restore failed: its command said so, a signal ended it, it could not be started, or nobody
knows, since whoever watched it is gone."""
CheckResult = Literal["passed", "failed"]


class Status(StrEnum):
    """The statuses of a restore recorded here. A host's rows may have any other value."""

    PENDING = "pending"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    PARTIAL = "partial"
    FAILED = "failed"
    CANCELLED = "cancelled"


class BackupRef(msgspec.Struct, frozen=True, kw_only=True):
    """Which backup a restore used: its UUID, and its id in each table that can hold it.

    Both of a host's backup tables use the same ids for different backups, so an id alone is
    ambiguous. `legacy` is None for a backup that the legacy table cannot hold.
    """

    backup_id: UUID
    legacy: int | None
    consolidated: int | None
