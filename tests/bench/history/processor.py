"""How long processes have worked, and how much memory they ever held (Linux)."""

import os
from collections.abc import Iterator
from pathlib import Path

SECOND = os.sysconf("SC_CLK_TCK")


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


def _family(pid: int) -> Iterator[int]:
    yield pid
    for child in _read(pid, f"task/{pid}/children").split():
        yield from _family(int(child))


def _read(pid: int, name: str) -> str:
    """Empty if the process has ended meanwhile: its parent has its time then."""
    try:
        return Path(f"/proc/{pid}/{name}").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""
