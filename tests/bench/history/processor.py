"""How long processes have worked, and how much memory they ever held (Linux)."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

SECOND = os.sysconf("SC_CLK_TCK")
LOOK = 0.02
"""Seconds between two looks at processes that may end at any moment."""


def worked(pid: int) -> float:
    """The processor's time of a process and of all below it, ended ones too, in seconds."""
    ticks = 0
    for number, one in enumerate(_family(pid)):
        # After the command's name, which may have blanks and brackets.
        times = _read(one, "stat").rpartition(")")[2].split()[11:15]
        # Of the first, also the time of its children that have ended.
        ticks += sum(map(int, times if number == 0 else times[:2]))
    return ticks / SECOND


def peak(pid: int) -> int:
    """The most memory, in bytes, that this process ever held."""
    found = [line for line in _read(pid, "status").splitlines() if line.startswith("VmHWM:")]
    return int(found[0].split()[1]) * 1024 if found else 0


@contextmanager
def peak_below(pid: int) -> Iterator[dict[str, int]]:
    """Of the processes that this one starts in the block: the most memory that one ever held.

    It is in `bytes` afterwards, and 0 if there was none. Who ends cannot be asked any more, so all
    are asked over and over: what one takes in its last moment may be missing.
    """
    found, done = {"bytes": 0}, Event()
    before = {*_family(pid)}

    def look() -> None:
        while not done.wait(LOOK):
            new = {*_family(pid)} - before
            found["bytes"] = max([found["bytes"], *map(peak, new)])

    looking = Thread(target=look)
    looking.start()
    try:
        yield found
    finally:
        done.set()
        looking.join()


def _family(pid: int) -> Iterator[int]:
    yield pid
    for thread in _threads(pid):
        for child in _read(pid, f"task/{thread}/children").split():
            yield from _family(int(child))


def _threads(pid: int) -> list[str]:
    try:
        return os.listdir(f"/proc/{pid}/task")
    except FileNotFoundError:
        return []


def _read(pid: int, name: str) -> str:
    """Empty if the process has ended meanwhile: its parent has its time then."""
    try:
        return Path(f"/proc/{pid}/{name}").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""
