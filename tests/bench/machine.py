"""Where it was measured: figures mean little without it."""

import os
import platform
import sqlite3
import statistics
import subprocess
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

from tests.support.service import ROOT

LIBRARIES = ("Django", "eventsourcing", "psycopg", "msgspec")


def machine() -> dict[str, str]:
    """Processor, memory, disk, versions and revision, for people."""
    return {
        "revision": revision(),
        "when": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
        "processor": f"{len(os.sched_getaffinity(0))} × {_processor()}",
        "memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB",
        "system": f"{platform.system()} {platform.release()}",
        "disk": f"a synced write of 8 KiB takes {synced_write() * 1000:.2f} ms (median)",
        "load when it began": f"{os.getloadavg()[0]:.1f} processes, this one not among them",
        "Python": platform.python_version(),
        "SQLite": sqlite3.sqlite_version,
        **{name: version(name) for name in LIBRARIES},
    }


def revision() -> str:
    """The commit, and whether the checkout had changes that are not in it."""
    commit = _git("rev-parse", "--short=12", "HEAD") or "unknown"
    return f"{commit}, with changes" if _git("status", "--porcelain") else commit


def synced_write(times: int = 50) -> float:
    """The median time, in seconds, that this machine's disk needs for a small durable write."""
    took = []
    with tempfile.TemporaryFile() as file:
        for number in range(times):
            begin = time.perf_counter()
            os.pwrite(file.fileno(), bytes(8192), number * 8192)
            os.fdatasync(file.fileno())
            took.append(time.perf_counter() - begin)
    return statistics.median(took)


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except FileNotFoundError:
        return platform.processor()
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.machine()


def _git(*arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.stdout.strip()
