"""The structs of consolidated rows that the projectors use: the columns, in the tables' order.

Two more fields follow that are not columns. `unfit` says why a column cannot hold the events' value
(which is then None here). `present` is false when the row is no longer in the host.
"""

from datetime import datetime
from uuid import UUID

import msgspec


# Withheld rows are stored with `present` under its original name.
class RestoreRow(msgspec.Struct, frozen=True, kw_only=True, rename={"present": "standing"}):
    id: int
    name: str | None
    source_backup_id: int | None
    status: str | None
    restore_type: str | None
    trigger_type: str | None
    target_database: str | None
    is_overwrite: bool | None
    started_at: datetime | None
    completed_at: datetime | None
    duration_seconds: int | None
    message: str | None
    created_by_id: str | None
    created_at: datetime | None
    updated_at: datetime | None
    restore_id: UUID
    backup_id: UUID | None
    created_by_username: str | None
    origin: str
    version: int
    amended: str
    extra: str
    validation: str | None = None
    warnings_count: int | None = None
    unfit: dict[str, str] = {}
    present: bool = True
