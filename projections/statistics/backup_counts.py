"""A backup and counts of backups, as an answer tells them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from projections.statistics.reading import as_time, hyphened


class BackupFacts(NamedTuple):
    """A backup."""

    id: int
    backup_id: str
    name: str | None
    database_name: str | None
    backup_type: str | None
    created_at: datetime | None

    @classmethod
    def of(cls, row: Sequence[Any]) -> "BackupFacts":
        """The backup of a row, as either database returns it."""
        id, backup_id, name, database, kind, created_at = row
        made = None if created_at is None else as_time(created_at)
        return cls(id, hyphened(backup_id), name, database, kind, made)


class BackupCounts:
    """How many backups there are; of how many a restore was made, passed a check, or had one."""

    def __init__(self) -> None:
        self.all = self.never_restored = self.passed = self.checked = 0

    def add(self, all: int, never_restored: int, passed: int, checked: int) -> None:
        self.all += all
        self.never_restored += never_restored
        self.passed += passed
        self.checked += checked

    def told(self) -> dict[str, int]:
        """As an answer tells them."""
        return {
            "backups": self.all,
            "never_restored": self.never_restored,
            "never_validated": self.all - self.checked,
            "passed": self.passed,
            "failed": self.checked - self.passed,
        }
