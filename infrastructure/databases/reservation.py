"""The reservation of a name by one request while it works. It ends when the process dies.

On PostgreSQL it is a lock of the database session that does the work: the server releases it with
the session, together with the open transaction. SQLite has no sessions, only processes on one
machine: there it is a lock on a file beside the database, released by the system with the process.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from os.path import samestat
from pathlib import Path
from typing import IO, Any

from django.db import Error as DatabaseError
from django.db import connections


@contextmanager
def reserve(name: str, *, using: str = "default") -> Iterator[bool]:
    """Reserve this name for the duration of the block; False if it is reserved already.

    The block must use the same connection, so that its work ends with the reservation. A
    reservation only makes others wait: what must not happen twice needs a constraint as well.
    """
    connection = connections[using]
    digest = sha256(name.encode()).digest()
    if connection.vendor == "postgresql":
        with _session_lock(connection, int.from_bytes(digest[:8], signed=True)) as ours:
            yield ours
        return
    database = str(connection.settings_dict["NAME"])
    if ":memory:" in database or "mode=memory" in database:
        yield True  # no other process sees it
        return
    with _file_lock(Path(f"{database}-request-{digest.hex()[:32]}")) as ours:
        yield ours


@contextmanager
def _session_lock(connection: Any, number: int) -> Iterator[bool]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [number])
        (ours,) = cursor.fetchone()
    session = connection.connection
    try:
        yield ours
    finally:
        # If the first session was lost, the new one does not have the lock.
        if ours and connection.connection is session:
            try:
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_advisory_unlock(%s)", [number])
            except DatabaseError:
                connection.close()


@contextmanager
def _file_lock(path: Path) -> Iterator[bool]:
    file = _locked(path)
    try:
        yield file is not None
    finally:
        if file is not None:
            path.unlink(missing_ok=True)
            file.close()


def _locked(path: Path) -> IO[bytes] | None:
    """The file, locked until it is closed; None if another process has locked it."""
    while True:
        file = path.open("ab")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if path.exists() and samestat(os.fstat(file.fileno()), path.stat()):
                return file
        except BlockingIOError:
            file.close()
            return None
        except FileNotFoundError:
            pass  # its last owner has just removed it
        file.close()
