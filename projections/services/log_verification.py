"""The check of the whole log: its chain, and everything else that it can be compared with."""

from collections.abc import Callable
from dataclasses import dataclass

from infrastructure.event_store.findings import (
    LogFinding,
    LogTime,
    clock_findings,
    guard_findings,
    log_time,
    remembered_findings,
)
from infrastructure.event_store.log import Log
from infrastructure.event_store.verify_log import ChainReport, verify_chain
from projections.services.lost_events import missing_checkpoints


@dataclass(frozen=True)
class LogVerification:
    """What was found of the chain, what else is wrong, and how old the last event is."""

    chain: ChainReport
    findings: list[LogFinding]
    time: LogTime

    @property
    def ok(self) -> bool:
        return self.chain.ok and not self.findings


def verify_whole_log(
    log: Log, progress: Callable[[int, int], None] | None = None
) -> LogVerification:
    """Recompute the chain, and check the log's triggers, its time and the heads remembered of it.

    It only reads. `progress` gets the events that were checked, and how many there are.
    """
    chain = verify_chain(log, progress=progress)
    findings = [
        *guard_findings(log),
        *clock_findings(log),
        *remembered_findings(log, missing_checkpoints(log)),
    ]
    return LogVerification(chain, findings, log_time(log))
