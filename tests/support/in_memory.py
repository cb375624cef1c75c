"""The tests' own files lie in memory, where there is enough: they are many, and soon gone.

What a test says about a disk it says on one: see `postgres.private_server(durable=True)`.
"""

import os
import shutil
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")
ENOUGH = 4 * 2**30
"""Bytes that have to be free."""


def use_memory() -> None:
    """Have this process and those it starts make temporary files in memory; TMPDIR wins."""
    if "TMPDIR" not in os.environ and _is_usable(MEMORY):
        os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)


def _is_usable(folder: Path) -> bool:
    return (
        os.access(folder, os.W_OK)
        and shutil.disk_usage(folder).free >= ENOUGH
        # The server's programs are copied there when another user cannot reach them.
        and not os.statvfs(folder).f_flag & os.ST_NOEXEC
    )
