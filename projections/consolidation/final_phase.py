"""What runs while appends are locked: checks changed rows again, issues the certificate, records
the step.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from domain.consolidation.consolidation import Consolidation
from domain.consolidation.errors import NotVerified
from domain.consolidation.values import LegacyDigest, Purpose, Scope
from infrastructure.recording.consolidation import load_consolidation
from projections.consolidation.errors import ImportedMeanwhile
from projections.consolidation.freshness import last_host_row, mappings
from projections.consolidation.legacy_gaps import LegacyGaps
from projections.consolidation.snapshot import Saved
from projections.consolidation.step_run import StepRun
from projections.consolidation.step_verification import as_named
from projections.engine.catch_up import catch_up
from projections.engine.dialects.base import TableLocation
from projections.verification.certificate import issue as certificates
from projections.verification.certificate.evidence import Evidence
from projections.verification.delta import ComparedTable, verify_delta
from projections.verification.expected.schema import TABLES
from projections.verification.verify import Verification


@dataclass
class CertifiedStep:
    """A step that was verified before appends were locked, and needs a certificate."""

    run: StepRun
    found: Verification
    proof: Evidence
    certificate: Path
    moved_completely: bool | None = None

    def refuse_imports_since(self) -> int:
        """The position of the last host row in the proof.

        Raises `ImportedMeanwhile` if the log has later ones.
        """
        if last_host_row(after=self.found.position, using=self.run.using):
            raise ImportedMeanwhile
        return self.found.position

    def compare_touched(
        self, step: str, tables: Mapping[str, ComparedTable]
    ) -> certificates.CertifiedDelta:
        """Compare the rows that were recorded or changed since the verification.

        Raises `NotVerified` if a row is wrong, `QuarantineNotAccepted` if the number of
        quarantined rows is no longer the accepted one, and `ImportedMeanwhile`, so that the step
        begins again, if other rows are quarantined.
        """
        log = self.run.log
        touched = verify_delta(
            log.connection.vendor,
            log.connection.connection,
            tables,
            since=min(self.found.projections[label].position for label in tables),
            id_offset=load_consolidation(log).id_offset,
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
            asked = self.run.asked
            Consolidation.refuse_quarantine(
                len(quarantined), asked.accept_quarantined, asked.reason
            )
            raise ImportedMeanwhile
        return certificates.CertifiedDelta(touched.rows, log.head().position)

    def issue(
        self, consolidation: Consolidation, purpose: Purpose, touched: certificates.CertifiedDelta
    ) -> str:
        """Write the certificate as of the end of the log and record it; returns its SHA-256.

        `moved_completely` is then what it says of the host's own consolidated table.
        """
        asked, log = self.run.asked, self.run.log
        head = log.head()
        self.proof.position, self.proof.chain_head = head.position, head.hash
        issued = certificates.issue(
            self.found,
            self.proof,
            purpose=purpose,
            actor=asked.actor,
            path=self.certificate,
            accepted=asked.accept_quarantined,
            reason=asked.reason,
            touched=touched,
            using=log.using,
        )
        consolidation.certify(actor=asked.actor, reason=asked.reason, **issued.facts())
        self.moved_completely = issued.moved_completely
        return issued.sha256


def finish_cut_over(step: CertifiedStep, saved: Saved, new: Mapping[str, TableLocation]) -> None:
    """Record the cut-over to these new tables, in the transaction that switches to them."""
    run = step.run
    consolidation = run.consolidation_under_lock()
    # Another process may have finished first; this certificate would overwrite its own.
    consolidation.refuse_cut_over()
    saved.refuse_replaced()
    last = step.refuse_imports_since()
    touched = step.compare_touched("cut over", _tables_after_switch(new))
    certificate_hash = step.issue(consolidation, "cut_over", touched)
    consolidation.cut_over(
        mappings=mappings(),
        last_host_row=last,
        snapshot=saved.digest,
        quarantined=step.found.quarantined,
        accepted_quarantined=run.asked.accept_quarantined,
        actor=run.asked.actor,
        reason=run.asked.reason,
    )
    run.record(
        consolidation,
        certificate=step.certificate,
        certificate_hash=certificate_hash,
        snapshot=saved.path,
    )


def finish_roll_back(run: StepRun, report: LegacyGaps) -> None:
    """Record the roll-back, in the transaction of the switch.

    Most of the legacy gaps in `report` were read before appends were locked.
    """
    consolidation = run.consolidation_under_lock()
    report.read(run.log.head().position)
    gaps = report.gaps()
    consolidation.roll_back(
        unrepresentable=len(gaps), actor=run.asked.actor, reason=run.asked.reason
    )
    run.record(consolidation, unrepresentable=gaps)


def finish_retirement(step: CertifiedStep) -> None:
    """Record the end of the migration."""
    run = step.run
    consolidation = run.consolidation_under_lock()
    consolidation.refuse_retirement(run.asked.reason)
    last = step.refuse_imports_since()
    catch_up(using=run.using)
    touched = step.compare_touched("retired", _tables_as_verified(step.found))
    certificate_hash = step.issue(consolidation, "retire", touched)
    consolidation.retire(
        mappings=mappings(),
        last_host_row=last,
        legacy=_legacy_digests(step.proof),
        actor=run.asked.actor,
        reason=run.asked.reason or "",
    )
    run.record(consolidation, certificate=step.certificate, certificate_hash=certificate_hash)
    run.step.host_holds_legacy_rows = step.moved_completely


def finish_restored_snapshot(run: StepRun, digest: str, scope: str) -> None:
    """Record that the tables of this snapshot, with this scope, were put back."""
    consolidation = run.consolidation_under_lock()
    consolidation.restore_snapshot(
        snapshot=digest, scope=scope, actor=run.asked.actor, reason=run.asked.reason
    )
    run.record(consolidation)


def _tables_after_switch(new: Mapping[str, TableLocation]) -> dict[str, ComparedTable]:
    """The new tables. The legacy ones are not switched, so only their columns' fit is checked."""
    return {
        label: ComparedTable(as_named(new[label]), Scope.ALL)
        if label in new
        else ComparedTable(None, Scope.NATIVE)
        for label in TABLES
    }


def _tables_as_verified(found: Verification) -> dict[str, ComparedTable]:
    return {
        label: ComparedTable(table.name, found.projections[label].scope)
        for label, table in TABLES.items()
    }


def _legacy_digests(proof: Evidence) -> dict[str, LegacyDigest]:
    return {
        name: LegacyDigest(
            rows=table.rows, digest=str(table.digest), log_digest=proof.log_digests[name]
        )
        for name, table in proof.host_tables.items()
        if name.startswith("database_management_")
    }
