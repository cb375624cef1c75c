"""A step while it runs: its request, what it records, and its progress callbacks."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from domain.consolidation.consolidation import Consolidation
from domain.consolidation.values import ConsolidationState
from infrastructure.databases.own_database import refuse_read_only
from infrastructure.event_store.log import Log
from infrastructure.recording.consolidation import load_consolidation
from infrastructure.recording.streams import save
from projections.consolidation.legacy_gaps import LegacyGap
from projections.consolidation.step_request import StepRequest
from projections.services.appending import Behind
from projections.services.lost_events import refuse_lost_events

OnPhase = Callable[[str], None]
"""Called as each phase begins. A cut-over: import, snapshot, prepare, load, finish, verify, switch,
commit, done. A roll-back: prepare, catch_up, switch, commit, done; one that has to rebuild: prepare
again, load and finish in place of catch_up. `commit` is the last moment of the transaction.
"""


@dataclass
class Step:
    """The result of a step. `seconds` is how long it took until it was recorded; `held_seconds`,
    how long appends were locked. `behind` are the tables that do not show it yet. A retirement says
    in `host_holds_legacy_rows` whether the host's own consolidated table has every legacy restore.
    """

    state: ConsolidationState
    position: int
    version: int
    """The consolidation's version: how many events its stream has."""
    certificate: Path | None = None
    certificate_hash: str = ""
    snapshot: Path | None = None
    unrepresentable: list[LegacyGap] | None = None
    host_holds_legacy_rows: bool | None = None
    held_seconds: float = 0.0
    seconds: float = 0.0
    behind: Behind = field(default_factory=dict)


Keep = Callable[[Step], None]
"""Called with a step's result at the end of the transaction that records it. So what the caller
writes there is committed together with the step or not at all. Called again if the transaction
has to be repeated."""


class StepRun:
    """Refused with `LogLostEvents` where the log lost events, `ReadOnlyDatabase` on a replica."""

    step: Step

    def __init__(
        self,
        asked: StepRequest,
        *,
        on_phase: OnPhase | None = None,
        keep: Keep | None = None,
        using: str = "default",
    ) -> None:
        self.asked = asked
        self.using = using
        self.log = Log(using)
        self._on_phase = on_phase
        self._keep = keep
        self._started = time.monotonic()
        self._held_since = 0.0
        refuse_read_only(self.log.connection)
        refuse_lost_events(self.log)

    def enter(self, phase: str) -> None:
        """Report that a phase begins. At `commit` the step is complete."""
        if phase == "commit":
            now = time.monotonic()
            self.step.seconds = now - self._started
            self.step.held_seconds = now - self._held_since
            if self._keep is not None:
                self._keep(self.step)
        if self._on_phase is not None:
            self._on_phase(phase)

    def consolidation_under_lock(self) -> Consolidation:
        """The consolidation from the log, read while appends are locked."""
        self._held_since = time.monotonic()
        return load_consolidation(self.log)

    def record(
        self,
        consolidation: Consolidation,
        *,
        certificate: Path | None = None,
        certificate_hash: str = "",
        snapshot: Path | None = None,
        unrepresentable: list[LegacyGap] | None = None,
    ) -> None:
        """Append the consolidation's new events."""
        save(self.log, consolidation)
        self.step = Step(
            consolidation.state,
            self.log.head().position,
            consolidation.version,
            certificate,
            certificate_hash,
            snapshot,
            unrepresentable,
        )
