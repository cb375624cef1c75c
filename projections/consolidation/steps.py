"""The steps of the consolidation. Each is done in one transaction, or not at all.

`step_verification` has the proof of a step; `final_phase` has what runs while appends are locked.
"""

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

from django.db import connections, transaction

from domain.consolidation.events import CutOver, Retired, RolledBack, SnapshotRestored
from domain.consolidation.values import Scope
from infrastructure.recording.consolidation import load_consolidation
from projections.consolidation import snapshot as snapshots
from projections.consolidation.errors import (
    ImportedMeanwhile,
    SnapshotUnknown,
    refuse_unfit_columns,
    refuse_unmoved_rows,
)
from projections.consolidation.files import file_for
from projections.consolidation.final_phase import (
    CertifiedStep,
    finish_cut_over,
    finish_restored_snapshot,
    finish_retirement,
    finish_roll_back,
)
from projections.consolidation.host_snapshot import Progress, import_snapshot
from projections.consolidation.legacy_gaps import LegacyGaps
from projections.consolidation.pending_files import CERTIFICATE, EXPORT, SNAPSHOT
from projections.consolidation.scope_in_force import scoped_labels
from projections.consolidation.step_files import whole
from projections.consolidation.step_request import StepRequest
from projections.consolidation.step_run import Keep, OnPhase, Step, StepRun
from projections.consolidation.step_verification import (
    StepProof,
    refuse_outputs,
    saved_snapshots,
    verified,
)
from projections.engine import generations
from projections.engine.dialects import table_dialect
from projections.engine.errors import CheckpointNotInLog, NothingToReturnTo, RebuildRequired
from projections.engine.rebuild import built
from projections.engine.runner import CatchUpRunner
from projections.services.appending import bring_up_to_date

ATTEMPTS = 5
"""How often a step is tried if another import runs meanwhile."""


def cut_over(
    source: str,
    asked: StepRequest,
    *,
    certificate: Path | None = None,
    snapshot: Path | None = None,
    export: Path | None = None,
    zone: str | None = None,
    progress: Progress | None = None,
    on_phase: OnPhase | None = None,
    keep: Keep | None = None,
    workers: int | None = None,
    using: str = "default",
) -> Step:
    """Add the legacy rows to the consolidated tables, after proving that no data is lost.

    The host is imported and verified as of one moment. The wider tables are built beside the live
    ones and compared in full. Then one transaction locks appends, compares what was recorded
    meanwhile, switches both tables, and records the certificate and the step. `snapshot` is the
    file to which all four tables are saved before, `certificate` the file of the proof (default: a
    new file in `var/consolidation`), `export` the file of its rows.

    Raises `IllegalStep`, `ReasonMissing`, `WouldOverwrite`, `CannotWrite`, `NotVerified`,
    `QuarantineNotAccepted`, `ColumnsNotSettled`, `ImportedMeanwhile`, `DatabaseLost`, or what an
    import, a rebuild or a verification raises. Then nothing has changed, except that rows may have
    been imported.
    """
    run = StepRun(asked, on_phase=on_phase, keep=keep, using=using)
    consolidation = load_consolidation(run.log)
    consolidation.refuse_cut_over()
    consolidation.refuse_acceptance(asked.accept_quarantined, asked.reason)
    certificate = file_for(certificate, "cut-over", ".json")
    snapshot = file_for(snapshot, "before-cut-over", ".sqlite3")
    refuse_outputs(run.log, source, certificate, export, snapshot)

    def attempt() -> None:
        run.enter("import")
        with import_snapshot(
            source, actor=asked.actor, zone=zone, progress=progress, using=using
        ) as moment:
            refuse_unfit_columns(moment.report.unfit)
            run.enter("snapshot")
            known = partial(saved_snapshots, run.log)
            with (
                snapshots.saved_to(snapshot, known, using=using) as saved,
                built(
                    scoped_labels(),
                    scope=Scope.ALL,
                    progress=progress,
                    on_phase=run.enter,
                    workers=workers,
                    using=using,
                ) as new,
                StepProof(export) as proof,
            ):
                run.enter("verify")
                found = verified(moment, new, proof, asked, progress, using)
                step = CertifiedStep(run, found, proof, certificate)
                run.enter("switch")
                new.switch(under_lock=partial(finish_cut_over, step, saved, new.places))

    files = {CERTIFICATE: certificate, SNAPSHOT: snapshot, EXPORT: export}
    with whole(CutOver, files, using=using):
        _again_if_imported_meanwhile(attempt)
        run.enter("done")
        run.step.behind = bring_up_to_date(using=using)
        generations.remember_frozen(scoped_labels(), using=using)
    return run.step


def roll_back(
    asked: StepRequest,
    *,
    on_phase: OnPhase | None = None,
    keep: Keep | None = None,
    workers: int | None = None,
    using: str = "default",
) -> Step:
    """Take the legacy rows out of the consolidated tables again, without losing recorded data.

    The tables from before the cut-over catch up with all later events and are put back. If they
    are gone or were changed, new ones are built from the log. The result lists what was recorded
    here and the legacy table cannot represent. Raises `IllegalStep`, or what a rebuild raises.
    """
    run = StepRun(asked, on_phase=on_phase, keep=keep, using=using)
    load_consolidation(run.log).refuse_roll_back()
    with whole(RolledBack, {}, using=using):
        report = LegacyGaps(using)
        report.read(run.log.head().position)
        finish = partial(finish_roll_back, run, report)
        native = Scope.NATIVE
        try:
            generations.go_back(
                scoped_labels(), scope=native, under_lock=finish, on_phase=run.enter, using=using
            )
        except (CheckpointNotInLog, NothingToReturnTo, RebuildRequired):
            with built(
                scoped_labels(), scope=native, on_phase=run.enter, workers=workers, using=using
            ) as new:
                run.enter("switch")
                new.switch(under_lock=finish)
        run.enter("done")
        run.step.behind = bring_up_to_date(using=using)
    return run.step


def retire(
    source: str,
    asked: StepRequest,
    *,
    certificate: Path | None = None,
    export: Path | None = None,
    zone: str | None = None,
    progress: Progress | None = None,
    on_phase: OnPhase | None = None,
    keep: Keep | None = None,
    using: str = "default",
) -> Step:
    """End the migration: a last import, a last verification, a last certificate.

    After this the host's legacy tables are no longer imported. The host must keep them, unless its
    own migration has moved their rows to its consolidated table: the certificate says whether that
    holds them.

    Raises `IllegalStep`, `ReasonMissing`, `WouldOverwrite`, `CannotWrite`, `NotVerified`,
    `NotAllMoved`, or what a verification raises.
    """
    run = StepRun(asked, on_phase=on_phase, keep=keep, using=using)
    consolidation = load_consolidation(run.log)
    consolidation.refuse_retirement(asked.reason)
    cut = consolidation.cut_over_event
    if asked.accept_quarantined is None and cut is not None:
        run.asked = StepRequest(asked.actor, asked.reason, cut.accepted_quarantined or None)
    certificate = file_for(certificate, "retired", ".json")
    refuse_outputs(run.log, source, certificate, export)

    def attempt() -> None:
        run.enter("import")
        with (
            import_snapshot(
                source, actor=asked.actor, zone=zone, progress=progress, using=using
            ) as moment,
            StepProof(export) as proof,
        ):
            refuse_unmoved_rows(moment.report.moved)
            run.enter("verify")
            found = verified(moment, None, proof, run.asked, progress, using)
            step = CertifiedStep(run, found, proof, certificate)
            with transaction.atomic(using=using):
                run.log.lock()
                finish_retirement(step)
                run.enter("commit")

    with whole(Retired, {CERTIFICATE: certificate, EXPORT: export}, using=using):
        _again_if_imported_meanwhile(attempt)
        run.enter("done")
        run.step.behind = bring_up_to_date(using=using)
    return run.step


def restore_snapshot(
    path: Path, asked: StepRequest, *, on_phase: OnPhase | None = None, using: str = "default"
) -> Step:
    """Put all four tables back from the file that a cut-over saved, and apply the events since.

    The file must be exactly one that the log names. Raises `SnapshotUnknown`, `RebuildRequired`,
    or what a switch raises; then nothing has changed.
    """
    run = StepRun(asked, on_phase=on_phase, using=using)
    digest = snapshots.digest_of_file(path)
    if digest not in saved_snapshots(run.log):
        raise SnapshotUnknown(path, "no cut-over in this log saved this file, or it was changed")
    dialect = table_dialect(connections[using])
    with whole(SnapshotRestored, {}, using=using):
        with dialect.only_one_rebuild():
            run.enter("prepare")
            generations.clear_building(dialect)
            try:
                run.enter("load")
                feeds = snapshots.put_back(path, using=using)
                scope = next(feed.generation.scope for feed in feeds if feed.projection.scoped)
                feeds += snapshots.not_saved(scope, using=using)
                feeder = CatchUpRunner(run.log, feeds)
                feeder.advance()
                run.enter("finish")
                dialect.finish([feed.place for feed in feeds])
                run.enter("switch")
                generations.switch(
                    dialect,
                    feeder,
                    feeds,
                    under_lock=partial(finish_restored_snapshot, run, digest, scope),
                    before_commit=partial(run.enter, "commit"),
                )
                run.enter("done")
            finally:
                generations.clear_building(dialect)
        run.step.behind = bring_up_to_date(using=using)
    run.step.snapshot = path
    return run.step


def _again_if_imported_meanwhile(attempt: Callable[[], None]) -> None:
    """Make this attempt; repeat it a few times if another import runs meanwhile."""
    for _ in range(ATTEMPTS):
        with suppress(ImportedMeanwhile):
            return attempt()
    raise ImportedMeanwhile
