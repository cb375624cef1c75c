"""What to fill a host with."""

from dataclasses import dataclass
from random import Random
from typing import Any

Row = dict[str, Any]  # column → value; a table takes the columns that it has


@dataclass(frozen=True)
class Plan:
    """The arguments of `make`, and what the database is (Django's vendor name)."""

    rows: int
    seed: int
    odd: bool
    backups: bool
    quarantine: int
    variant: str
    time_zone: str | None
    vendor: str

    def random(self, purpose: str) -> Random:
        """A generator of its own for each purpose, so that one does not disturb the other."""
        return Random(f"{self.seed}/{purpose}")
