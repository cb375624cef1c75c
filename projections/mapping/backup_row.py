"""The struct of a row of either backup table: the columns, in the tables' order.

Two more fields follow that are not columns. `unfit` says why a column cannot hold the events' value
(which is then None here). `present` is false when the row is no longer in the host.
"""

from datetime import datetime
from uuid import UUID

import msgspec


# Withheld rows are stored with `present` under its original name.
class BackupRow(msgspec.Struct, frozen=True, kw_only=True, rename={"present": "standing"}):
    id: int
    name: str | None
    backup_type: str | None
    status: str | None
    database_name: str | None
    file_path: str | None
    size_bytes: int | None
    created_at: datetime | None
    updated_at: datetime | None
    backup_id: UUID
    origin: str
    version: int
    extra: str
    unfit: dict[str, str] = {}
    present: bool = True
