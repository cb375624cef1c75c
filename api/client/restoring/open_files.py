"""Who has a file, or a file of a directory, open: on Linux, as far as this user may see."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

PROCESSES = Path("/proc")


def users_of(path: Path) -> list[str]:
    """`name (pid 123)` for each other process."""
    found = []
    for process in PROCESSES.glob("[0-9]*"):
        if process.name != str(os.getpid()) and any(_within(one, path) for one in _open(process)):
            with suppress(OSError):
                name = (process / "comm").read_text(encoding="utf-8", errors="replace").strip()
                found.append(f"{name} (pid {process.name})")
    return found


def _open(process: Path) -> Iterator[str]:
    """What a process has open, and the directory that it works in."""
    links = [process / "cwd"]
    with suppress(OSError):
        links += (process / "fd").iterdir()
    for link in links:
        with suppress(OSError):
            yield os.readlink(link)


def _within(name: str, path: Path) -> bool:
    return name == str(path) or name.startswith(f"{path}/")
