"""The databases that the sample host's own tests build hosts in."""

from collections.abc import Callable
from pathlib import Path

from tests.support import postgres

FRESH: dict[str, Callable[[Path], str]] = {
    "sqlite": lambda folder: f"sqlite:///{folder / 'host.sqlite3'}",
    "postgresql": lambda folder: postgres.fresh_database(),
}
