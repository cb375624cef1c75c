"""The report of an import, table by table."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from domain.consolidation.values import ColumnChoices
from infrastructure.hosts.columns import UnfittingColumn


def columns_as_json(choices: ColumnChoices) -> list[dict[str, Any]]:
    """The choices that were proposed or decided, not those by the same name."""
    return [
        {
            "table": label,
            "target": target,
            "columns": list(choice.sources),
            "how": choice.how,
            "reason": choice.reason,
        }
        for label, targets in choices.items()
        for target, choice in targets.items()
        if choice.how in ("proposed", "decided")
    ]


@dataclass
class TableReport:
    """Rows of one host table.

    `changed` includes rows that returned; `reinterpreted` are those that have not changed in the
    host and are now read in another way; `deleted` are rows that vanished. `quarantined` are
    those, of all the table's rows, that the projection cannot hold: filled in by the caller, since
    only the projections know them.
    """

    rows: int = 0
    imported: int = 0
    unchanged: int = 0
    changed: int = 0
    reinterpreted: int = 0
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
    zone: str = "UTC"
    choices: ColumnChoices = field(default_factory=dict)
    unfit: list[UnfittingColumn] = field(default_factory=list)
    """Columns chosen only for their name, of another type or meaning than their target."""
    moved: dict[str, Any] | None = None
    """By consolidated table, the rows that the host's migration moved into it, and how many of
    their copies are missing; None for a host that has moved nothing."""

    @classmethod
    def on(cls, labels: Iterable[str]) -> "ImportReport":
        return cls({label: TableReport() for label in labels})

    def as_dict(self) -> dict[str, Any]:
        return {
            "tables": {label: table.as_dict() for label, table in self.tables.items()},
            "events": self.events,
            "position": self.position,
            "seconds": round(self.seconds, 3),
            "zone": self.zone,
            "columns": columns_as_json(self.choices),
            "unfit_columns": [column._asdict() for column in self.unfit],
            **({} if self.moved is None else {"moved": self.moved}),
        }
