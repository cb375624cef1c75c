"""What is done while appends are held: the last look, the certificate, and the log's word on it."""

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from domain.consolidation.consolidation import Consolidation
from domain.consolidation.errors import NotVerified
from domain.consolidation.values import LegacyDigest
from infrastructure.application import RestoreLog
from projections.consolidation.errors import ImportedMeanwhile
from projections.consolidation.freshness import last_host_row, mappings
from projections.consolidation.legacy_gaps import LegacyGaps
from projections.consolidation.snapshot import Saved
from projections.consolidation.step_request import StepRequest
from projections.consolidation.step_verification import as_named
from projections.engine.catch_up import catch_up
from projections.engine.models import Scope
from projections.verification.certificate import issue as certificates
from projections.verification.certificate.evidence import Evidence
from projections.verification.delta import ComparedTable, verify_delta
from projections.verification.expected.schema import TABLES
from projections.verification.verify import Verification


@dataclass
class CertifiedStep:
    """What is done while appends are held: the certificate, and what it allows."""

    application: RestoreLog
    found: Verification
    proof: Evidence
    asked: StepRequest
    certificate: Path
    certificate_hash: str = field(default="", init=False)
    position: int = field(default=0, init=False)
    began: float = field(default=0.0, init=False)

    def issue(self, purpose: Any, touched: certificates.CertifiedDelta | None) -> Consolidation:
        """Write the certificate, and record it, as of the end of the log."""
        head = self.application.log.head()
        self.proof.position, self.proof.chain_head = head.position, head.hash
        issued = certificates.issue(
            self.found,
            self.proof,
            purpose=purpose,
            actor=self.asked.actor,
            path=self.certificate,
            accepted=self.asked.accept_quarantined,
            reason=self.asked.reason,
            touched=touched,
            using=self.application.log.using,
        )
        self.certificate_hash = issued.sha256
        consolidation = self.application.consolidation()
        consolidation.certify(actor=self.asked.actor, reason=self.asked.reason, **issued.facts())
        return consolidation

    def refuse_imports_since(self) -> int:
        """Up to where the proof knows the host; `ImportedMeanwhile` if the log knows more."""
        log = self.application.log
        if last_host_row(after=self.found.position, using=log.using):
            raise ImportedMeanwhile
        return self.found.position

    def compare_touched(
        self, step: str, places: dict[str, ComparedTable]
    ) -> certificates.CertifiedDelta:
        """Compare what was recorded since the verification.

        Raises `NotVerified` if a row is not as it must be, `QuarantineNotAccepted` if more rows
        are quarantined by now, or fewer, and `ImportedMeanwhile`, to begin anew, if others are.
        """
        log = self.application.log
        touched = verify_delta(
            log.connection.vendor,
            log.connection.connection,
            places,
            since=min(self.found.projections[label].position for label in places),
            id_offset=self.application.consolidation().id_offset,
        )
        if touched.differences:
            first = touched.differences[0]
            raise NotVerified(
                step,
                f"{first.table} {first.pk} {first.column} does not show what was recorded while "
                f"this was at work: expected {first.expected!r}, found {first.found!r}",
            )
        known = self.found.withheld
        quarantined = (known - touched.streams) | touched.unfit
        if quarantined != known:
            Consolidation.refuse_quarantine(
                len(quarantined), self.asked.accept_quarantined, self.asked.reason
            )
            raise ImportedMeanwhile
        return certificates.CertifiedDelta(touched.rows, log.head().position)

    def record(self, consolidation: Consolidation) -> None:
        self.application.record(consolidation)
        self.position = self.application.log.head().position


@dataclass
class Switch(CertifiedStep):
    """The last step of a cut-over, in the transaction of the switch."""

    saved: Saved
    places: dict[str, Any]

    def __call__(self) -> None:
        self.began = time.monotonic()
        # Somebody else may have been faster, and the certificate would take the place of theirs.
        self.application.consolidation().refuse_cut_over()
        self.saved.refuse_replaced()
        last = self.refuse_imports_since()
        touched = self.compare_touched("cut over", self._places())
        consolidation = self.issue("cut_over", touched)
        consolidation.cut_over(
            mappings=mappings(),
            last_host_row=last,
            snapshot=self.saved.digest,
            quarantined=self.found.quarantined,
            accepted_quarantined=self.asked.accept_quarantined,
            actor=self.asked.actor,
            reason=self.asked.reason,
        )
        self.record(consolidation)

    def _places(self) -> dict[str, ComparedTable]:
        """The new tables. The legacy ones stay what they are: only what fits there is asked."""
        new = {label: as_named(place) for label, place in self.places.items()}
        return {
            label: ComparedTable(new.get(label), Scope.ALL if label in new else Scope.NATIVE)
            for label in TABLES
        }


@dataclass
class Retirement(CertifiedStep):
    """The last step of all."""

    def __call__(self) -> None:
        self.began = time.monotonic()
        self.application.consolidation().refuse_retirement(self.asked.reason)
        last = self.refuse_imports_since()
        catch_up(using=self.application.log.using)
        consolidation = self.issue("retire", self.compare_touched("retired", self._places()))
        legacy = {
            name: LegacyDigest(
                rows=table.rows, digest=str(table.digest), log_digest=self.proof.log_digests[name]
            )
            for name, table in self.proof.host_tables.items()
            if name.startswith("database_management_")
        }
        consolidation.retire(
            mappings=mappings(),
            last_host_row=last,
            legacy=legacy,
            actor=self.asked.actor,
            reason=self.asked.reason or "",
        )
        self.record(consolidation)

    def _places(self) -> dict[str, ComparedTable]:
        states = self.found.projections
        return {
            label: ComparedTable(table.name, states[label].scope) for label, table in TABLES.items()
        }


class RollingBack:
    """The last step of a roll-back, in the transaction of the switch.

    Most of what the legacy table cannot say is found before appends are held.
    """

    def __init__(self, application: RestoreLog, asked: StepRequest) -> None:
        self.application = application
        self.asked = asked
        self.report = LegacyGaps(application.log.using)
        self.report.read(application.log.head().position)
        self.position = 0
        self.began = 0.0

    def __call__(self) -> None:
        self.began = time.monotonic()
        self.report.read(self.application.log.head().position)
        consolidation = self.application.consolidation()
        consolidation.roll_back(
            unrepresentable=len(self.report.unsaid()),
            actor=self.asked.actor,
            reason=self.asked.reason,
        )
        self.application.record(consolidation)
        self.position = self.application.log.head().position
