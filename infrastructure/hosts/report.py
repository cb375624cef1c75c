"""What an import did, table by table."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any


@dataclass
class TableReport:
    """Rows of one host table.

    `changed` includes rows that returned; `deleted` are rows that vanished. `quarantined` are
    those that the projection cannot hold, of all the table's rows: filled in by the command, since
    only the projections know.
    """

    rows: int = 0
    imported: int = 0
    unchanged: int = 0
    changed: int = 0
    deleted: int = 0
    quarantined: int = 0

    def as_dict(self) -> dict[str, int]:
        return dict(vars(self))


@dataclass
class ImportReport:
    """The tables by label, the events appended, the log's position after them, and the time."""

    tables: dict[str, TableReport] = field(default_factory=dict)
    events: int = 0
    position: int = 0
    seconds: float = 0.0

    @classmethod
    def on(cls, labels: Iterable[str]) -> "ImportReport":
        return cls({label: TableReport() for label in labels})

    def as_dict(self) -> dict[str, Any]:
        return {
            "tables": {label: table.as_dict() for label, table in self.tables.items()},
            "events": self.events,
            "position": self.position,
            "seconds": round(self.seconds, 3),
        }
