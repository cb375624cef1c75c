"""How far each projection says it is, and whether that fits the log."""

from collections.abc import Collection
from dataclasses import dataclass

from domain.messages import NOTHING, Message, remedy
from projections.verification.expected.schema import TABLES
from projections.verification.log_index import GENESIS, LogIndex
from projections.verification.sql import query


@dataclass(frozen=True)
class ProjectionState:
    """What the engine says of one table. `lag` is the number of events it has not seen.

    `due` is the scope that the log demands of it.
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
        """Whether its rows can be what the log says, once it has taken in all of it."""
        return self.fits and not self.error and self.scope == self.due

    @property
    def problem(self) -> Message:
        """What is wrong with it and what to do; empty if nothing is."""
        rebuild = remedy("rebuild", labels=self.label)
        if not self.fits:
            return Message(
                f"{self.label}: its checkpoint at position {self.position} is not one of this "
                "log. To build it anew: ",
                rebuild,
            )
        if self.error:
            return Message(
                f"{self.label} is stopped at position {self.position}: {self.error}. Repair "
                "what it says, then build it anew: ",
                rebuild,
            )
        if self.scope != self.due:
            wrong = (
                "lacks the legacy rows, which it has to hold"
                if self.due == "all"
                else "holds the legacy rows, which it must not hold"
            )
            return Message(f"{self.label} {wrong}, by the log. To build it anew: ", rebuild)
        if self.lag:
            return Message(
                f"{self.label} is {self.lag} events behind the log. To catch up: ",
                remedy("project"),
            )
        return NOTHING


def projection_states(log: LogIndex, building: Collection[str] = ()) -> dict[str, ProjectionState]:
    """Label → state. A table that was never filled stands at position 0.

    `building` are the labels whose table that is being built is meant, not the one that is read.
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
