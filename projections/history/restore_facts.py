"""What the events of one restore say that is not in its row: how it ended, and what it printed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from domain.events import Event
from domain.restores.events import (
    RestoreCancelled,
    RestoreCompleted,
    RestoreFailed,
    RestoreRequested,
    RestoreStarted,
    RestoreValidated,
)

End = RestoreCompleted | RestoreFailed | RestoreCancelled


@dataclass(frozen=True)
class RestoreFacts:
    """The latest event of each kind; None if there was none."""

    first: Event
    requested: RestoreRequested | None
    started: RestoreStarted | None
    end: End | None
    validated: RestoreValidated | None

    @classmethod
    def of(cls, events: Sequence[Event]) -> Self:
        requested = started = end = validated = None
        for event in events:
            match event:
                case RestoreRequested():
                    requested = event
                case RestoreStarted():
                    started = event
                case RestoreCompleted() | RestoreFailed() | RestoreCancelled():
                    end = event
                case RestoreValidated():
                    validated = event
        return cls(events[0], requested, started, end, validated)

    @property
    def how_it_ended(self) -> str:
        """What the status alone does not say."""
        match self.end:
            case RestoreFailed(cause="interrupted"):
                return "interrupted: whoever watched it is gone, and its outcome is not known"
            case RestoreFailed(cause="not_started"):
                return "it could not be started"
            case RestoreFailed(cause="signal") | RestoreCancelled():
                return f"ended by {self.end.signal}" if self.end.signal else ""
            case RestoreFailed() | RestoreCompleted():
                code = self.end.exit_code
                return f"exit code {code}" if code else ""
        return ""

    @property
    def warnings(self) -> tuple[int, tuple[str, ...]]:
        """How many, and the first of them."""
        if self.end is None or isinstance(self.end, RestoreCancelled):
            return 0, ()
        return self.end.warnings_count or 0, self.end.warnings

    @property
    def errors(self) -> tuple[str, ...]:
        return self.end.errors if isinstance(self.end, RestoreFailed) else ()
