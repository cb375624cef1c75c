"""The proof of a step: a full verification without a difference."""

from collections.abc import Collection
from pathlib import Path

from domain.consolidation.consolidation import Consolidation
from domain.consolidation.errors import NotVerified
from domain.messages import Message
from infrastructure.documents.keys import signer
from infrastructure.event_store.log import Log
from infrastructure.output_files import refuse_overwriting
from infrastructure.recording.consolidation import certificates as issued_certificates
from infrastructure.recording.consolidation import cut_overs
from projections.consolidation import snapshot as snapshots
from projections.consolidation.errors import ImportedMeanwhile
from projections.consolidation.freshness import last_host_row
from projections.consolidation.host_snapshot import HostSnapshot, Progress
from projections.consolidation.step_request import StepRequest
from projections.engine.dialects.base import TableLocation
from projections.engine.rebuild import PendingRebuild
from projections.verification.certificate import export as exports
from projections.verification.certificate import issue as certificates
from projections.verification.certificate.evidence import Evidence
from projections.verification.certificate.export import Export
from projections.verification.expected.schema import TABLES
from projections.verification.verify import Verification, verify


def refuse_outputs(
    log: Log,
    source: str,
    certificate: Path,
    export: Path | None,
    snapshot: Path | None = None,
) -> None:
    """Refuse the step before the work begins if there is no key, or a file cannot be written.

    Raises `NoSigningKey`, `WouldOverwrite` or `CannotWrite`.
    """
    signer()
    outputs = [certificates.certificate_output(certificate, issued_certificates(log))]
    if snapshot is not None:
        outputs.append(snapshots.snapshot_output(snapshot, saved_snapshots(log)))
    if export is not None:
        outputs.append(exports.rows_output(export))
    refuse_overwriting(outputs, source=source)


def saved_snapshots(log: Log) -> set[str]:
    """The SHA-256 of every snapshot that a cut-over in this log saved."""
    return {event.snapshot for event in cut_overs(log)}


class StepProof(Evidence):
    """A proof. Its export, if there is one, is removed again unless it was finished."""

    def __init__(self, export: Path | None) -> None:
        super().__init__(Export(export) if export else None)

    def __enter__(self) -> "StepProof":
        return self

    def __exit__(self, *exc: object) -> None:
        if self.export is not None:
            self.export.__exit__(*exc)


def verified(
    moment: HostSnapshot,
    new: PendingRebuild | None,
    proof: Evidence,
    asked: StepRequest,
    progress: Progress | None,
    using: str,
) -> Verification:
    """Compare all four tables with the snapshot of the host; raise if anything differs.

    Raises `ImportedMeanwhile`, so that the step begins again, if another import ran meanwhile.
    """
    building = {} if new is None else {k: as_named(place) for k, place in new.places.items()}
    found = verify(
        moment.source,
        zone=moment.zone,
        using=using,
        progress=progress,
        host=moment.reader,
        building=building,
        proof=proof,
    )
    if not found.equal_but_for_quarantine:
        if last_host_row(after=moment.report.position, using=using):
            raise ImportedMeanwhile
        raise NotVerified("cut over" if new else "retired", _why(found))
    if new is not None:
        _refuse_wrong_live(moment, found, new.places, using)
    Consolidation.refuse_quarantine(found.quarantined, asked.accept_quarantined, asked.reason)
    if proof.export is not None:
        proof.export.sync()  # now, not while appends are locked
    return found


def _refuse_wrong_live(
    moment: HostSnapshot, found: Verification, replaced: Collection[str], using: str
) -> None:
    """Refuse if a live table is wrong, though it is replaced: a roll-back returns to it."""
    live = verify(
        moment.source,
        zone=moment.zone,
        using=using,
        host=moment.reader,
        labels=[label for label in replaced if label in TABLES],
        chain=found.chain,
    )
    if not live.equal_but_for_quarantine:
        raise NotVerified("cut over", _why(live))


def _why(found: Verification) -> str | Message:
    """The first difference, and how many there are."""
    if not found.chain.ok:
        return f"the log's chain is broken at position {found.chain.first_bad}"
    for state in found.projections.values():
        if not state.sound:
            return state.problem
    if found.reading:
        return found.reading
    wrong = [d for d in found.differences.kept if d.cause != "quarantined"]
    if not wrong:
        return "the log's legacy rows are no longer those that were certified"
    first = wrong[0]
    more = found.differences.total - found.differences.by_cause["quarantined"]
    where = f"{first.table} {first.pk} {first.column}".rstrip()
    many = "a difference was found," if more == 1 else f"{more:,} differences were found, the first"
    return f"{many} in {where}: expected {first.expected!r}, found {first.found!r} ({first.cause})"


def as_named(place: TableLocation) -> str:
    """A table's name without quotes, as verification expects it."""
    return place.table.replace('"', "")
