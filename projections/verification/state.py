"""The recorded state of each projection, and whether it fits the log."""

from collections.abc import Collection
from dataclasses import dataclass

from domain.messages import NOTHING, Message, remedy
from projections.verification.expected.schema import TABLES
from projections.verification.log_index import GENESIS, LogIndex
from projections.verification.sql import query


@dataclass(frozen=True)
class ProjectionState:
    """The engine's record of one table. `lag` is the number of events that it has not applied.

    `due` is the scope that it must have according to the log.
    """

    label: str
    scope: str
    version: int
    position: int
    lag: int
    error: str
    fits: bool
    due: str

    @property
    def sound(self) -> bool:
        """Whether its rows will be right once it has applied the whole log."""
        return self.fits and not self.error and self.scope == self.due

    @property
    def problem(self) -> Message:
        """The problem and the remedy; empty if there is no problem."""
        rebuild = remedy("rebuild", labels=self.label)
        if not self.fits:
            return Message(
                f"{self.label}: its checkpoint at position {self.position} is not in this "
                "log. To rebuild it: ",
                rebuild,
            )
        if self.error:
            return Message(
                f"{self.label} is stopped at position {self.position}: {self.error}. Repair "
                "that, then rebuild it: ",
                rebuild,
            )
        if self.scope != self.due:
            wrong = (
                "must have the legacy rows and does not"
                if self.due == "all"
                else "has the legacy rows and must not"
            )
            return Message(f"According to the log, {self.label} {wrong}. To rebuild it: ", rebuild)
        if self.lag:
            return Message(
                f"{self.label} is {self.lag} events behind the log. To catch up: ",
                remedy("project"),
            )
        return NOTHING


def projection_states(log: LogIndex, building: Collection[str] = ()) -> dict[str, ProjectionState]:
    """The states by label. A table that was never filled is at position 0.

    For labels in `building` the table that is being built is meant, not the live one.
    """
    rows = {(row[0], row[1]): row[2:] for row in log.service.rows(query("generations"))}
    states = {}
    for label in TABLES:
        which = label, "building" if label in building else "live"
        due = log.scope if TABLES[label].origin == "consolidated" else "native"
        scope, version, position, hash_, error = rows.get(which, (due, 0, 0, GENESIS, ""))
        states[label] = ProjectionState(
            label,
            scope,
            version,
            position,
            lag=max(log.position - position, 0),
            error=error,
            fits=log.hash_at(position) == bytes(hash_),
            due=scope if label in building else due,
        )
    return states
