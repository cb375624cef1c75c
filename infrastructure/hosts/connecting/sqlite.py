"""A session on a SQLite file: opened without the right to write, in one read transaction."""

import os
import sqlite3
from urllib.parse import quote

from infrastructure.hosts.connecting.source import Source

TIMEOUT = 60
"""Seconds to wait for a lock."""

UNSETTLED = ("-wal", "-journal")
"""Files beside a database that may contain data which is not in it yet."""


def open_sqlite(source: Source) -> sqlite3.Connection:
    """A connection whose snapshot has begun. The file must exist."""
    path = os.path.realpath(source.name)
    immutable = source.options.get("immutable")
    if immutable is None:
        immutable = _is_immutable(path)
    connection = sqlite3.connect(
        f"file:{quote(path)}?mode=ro{'&immutable=1' if immutable else ''}",
        uri=True,
        isolation_level=None,
        timeout=source.options.get("timeout", TIMEOUT),
        check_same_thread=False,
    )
    try:
        connection.execute("PRAGMA query_only = ON")
        connection.execute("BEGIN")
        # The snapshot is taken by the first read.
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except BaseException:
        connection.close()
        raise
    return connection


def _is_immutable(path: str) -> bool:
    """Whether to open the file as immutable. A file in WAL mode in a folder that we cannot write
    to can only be opened so, since its side files cannot be created. But then existing side files
    are ignored, so they must not have content."""
    if os.access(os.path.dirname(path), os.W_OK):
        return False
    return not any(_has_content(path + end) for end in UNSETTLED)


def _has_content(path: str) -> bool:
    return os.path.exists(path) and os.path.getsize(path) > 0
