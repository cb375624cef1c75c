"""The proof of a step: a whole verification, of which nothing may differ."""

from pathlib import Path

from domain.consolidation.consolidation import Consolidation
from domain.consolidation.errors import NotVerified
from infrastructure.application import RestoreLog
from infrastructure.outputs import refuse_overwriting
from infrastructure.signing import signer
from projections.consolidation import snapshot as snapshots
from projections.consolidation.asked import CONSOLIDATED, Asked
from projections.consolidation.current import last_host_row
from projections.consolidation.errors import ImportedMeanwhile
from projections.consolidation.host import Moment, Progress
from projections.engine.dialects.base import Place
from projections.engine.rebuild import Built
from projections.verification import certificate as certificates
from projections.verification import export as exports
from projections.verification.export import Export
from projections.verification.proof import Proof
from projections.verification.verify import Verification, verify


def refuse_outputs(
    application: RestoreLog,
    source: str,
    certificate: Path,
    export: Path | None,
    snapshot: Path | None = None,
) -> None:
    """Before the work, not after it: without a key and a place for the proof there is none.

    Raises `NoSigningKey`, `WouldOverwrite` or `CannotWrite`.
    """
    signer()
    outputs = [certificates.output(certificate, application.certificates())]
    if snapshot is not None:
        outputs.append(snapshots.output(snapshot, saved_snapshots(application)))
    if export is not None:
        outputs.append(exports.output(export))
    refuse_overwriting(outputs, source=source)


def saved_snapshots(application: RestoreLog) -> set[str]:
    """The SHA-256 of every snapshot that a cut-over in this log saved."""
    return {event.snapshot for event in application.cut_overs()}


class StepProof(Proof):
    """A proof whose export, if there is one, is gone again unless it was finished."""

    def __init__(self, export: Path | None) -> None:
        super().__init__(Export(export) if export else None)

    def __enter__(self) -> "StepProof":
        return self

    def __exit__(self, *exc: object) -> None:
        if self.export is not None:
            self.export.__exit__(*exc)


def verified(
    moment: Moment,
    new: Built | None,
    proof: Proof,
    asked: Asked,
    progress: Progress | None,
    using: str,
) -> Verification:
    """All four tables against that moment of the host; raises unless nothing differs.

    `ImportedMeanwhile`, to begin anew, if something does and others have imported since.
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
        _refuse_wrong_live(moment, found, using)
    Consolidation.refuse_quarantine(found.quarantined, asked.accept_quarantined, asked.reason)
    if proof.export is not None:
        proof.export.sync()  # now, not while appends are held
    return found


def _refuse_wrong_live(moment: Moment, found: Verification, using: str) -> None:
    """The tables that are replaced have to be right too: a roll-back returns to them."""
    live = verify(
        moment.source,
        zone=moment.zone,
        using=using,
        host=moment.reader,
        labels=CONSOLIDATED,
        chain=found.chain,
    )
    if not live.equal_but_for_quarantine:
        raise NotVerified("cut over", _why(live))


def _why(found: Verification) -> str:
    """The first thing that is wrong, and how much there is."""
    if not found.chain.ok:
        return f"the log's chain is broken at position {found.chain.first_bad}"
    for state in found.projections.values():
        if not state.sound:
            return state.problem
    if found.reading:
        return found.reading
    wrong = [d for d in found.differences.kept if d.cause != "quarantined"]
    if not wrong:
        return "the log no longer says of the legacy tables what was certified"
    first = wrong[0]
    more = found.differences.total - found.differences.by_cause["quarantined"]
    where = f"{first.table} {first.pk} {first.column}".rstrip()
    many = "a difference was found," if more == 1 else f"{more:,} differences were found, the first"
    return f"{many} in {where}: expected {first.expected!r}, found {first.found!r} ({first.cause})"


def as_named(place: Place) -> str:
    """A table's name without quotes, as verification takes it."""
    return place.table.replace('"', "")
