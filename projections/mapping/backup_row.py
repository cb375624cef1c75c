"""A row of either backup table, as the projectors see it: the columns, in the tables' order.

After the columns come two fields that are no columns: `unfit`, why a column cannot hold what the
events say (it is None here then), and `present`, false when the row is no longer in the host.
"""

from datetime import datetime
from uuid import UUID

import msgspec


# Rows that are kept out of a table are stored with `present` under its first name.
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
