"""A table's digest, written down a second time, over what the driver reads."""

from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from tests.support import raw

TIMES = {"started_at", "completed_at", "created_at", "updated_at"}
UUIDS = {"restore_id", "backup_id"}
INTEGERS = {"id", "source_backup_id", "duration_seconds", "warnings_count", "size_bytes", "version"}


def digest(url: str, table: str) -> str:
    with raw.connect(url) as connection:
        cursor = connection.cursor()
        cursor.execute(f"SELECT * FROM {table} ORDER BY id")
        columns = [column[0] for column in cursor.description]
        whole = b""
        for row in cursor.fetchall():
            whole += sha256(b"".join(map(written, columns, row))).digest()
    return sha256(whole).hexdigest()


def written(column: str, value: Any) -> bytes:
    if value is None:
        return b"-"
    letter, text = "t", value
    if column in TIMES:
        if isinstance(value, str):
            value = datetime.fromisoformat(value).replace(tzinfo=UTC)
        letter, text = "d", f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}"
    elif column in UUIDS:
        letter, text = "u", str(UUID(str(value)))
    elif column == "is_overwrite":
        letter, text = "b", str(int(value))
    elif column in INTEGERS:
        letter, text = "i", str(value)
    encoded = text.encode()
    return f"{letter}{len(encoded)}:".encode() + encoded
