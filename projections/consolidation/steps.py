"""The steps of the consolidation. Each happens whole, in one transaction, or not at all.

What proves a step is in `proving`; what is done while appends are held, in `held`.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from django.db import connections, transaction

from domain.consolidation.events import CutOver, Retired, RolledBack, SnapshotRestored
from domain.consolidation.values import ConsolidationState
from infrastructure.application import RestoreLog
from infrastructure.event_store.head_file_updates import keep_head_file
from infrastructure.event_store.log import Log
from infrastructure.event_store.remembered_heads import refuse_lost_events
from projections.consolidation import snapshot as snapshots
from projections.consolidation.errors import (
    ImportedMeanwhile,
    SnapshotUnknown,
    refuse_unfit_columns,
)
from projections.consolidation.files import file_for
from projections.consolidation.final_phase import Retirement, RollingBack, Switch
from projections.consolidation.host_snapshot import Progress, import_snapshot
from projections.consolidation.legacy_gaps import LegacyGap
from projections.consolidation.pending_files import CERTIFICATE, EXPORT, SNAPSHOT
from projections.consolidation.step_files import whole
from projections.consolidation.step_request import CONSOLIDATED, StepRequest
from projections.consolidation.step_verification import (
    StepProof,
    refuse_outputs,
    saved_snapshots,
    verified,
)
from projections.engine import generations
from projections.engine.catch_up import catch_up
from projections.engine.dialects import table_dialect
from projections.engine.errors import CheckpointNotInLog, NothingToReturnTo, RebuildRequired
from projections.engine.models import Scope
from projections.engine.rebuild import built
from projections.engine.runner import CatchUpRunner

ATTEMPTS = 5
"""How often a step begins anew because somebody else imported meanwhile."""

OnPhase = Callable[[str], None]
CUT_OVER_PHASES = (
    "import", "snapshot", "prepare", "load", "finish", "verify", "switch", "commit", "done",
)  # fmt: skip
ROLL_BACK_PHASES = ("prepare", "catch_up", "switch", "commit", "done")
"""What `on_phase` hears. `commit` is the last moment of the switch's transaction. A roll-back that
has to rebuild hears `prepare` again, `load` and `finish` in place of `catch_up`."""


@dataclass
class Step:
    """What a step did. `held_seconds` is how long appends were held for it."""

    state: ConsolidationState
    position: int
    certificate: Path | None = None
    certificate_hash: str = ""
    snapshot: Path | None = None
    unrepresentable: list[LegacyGap] | None = None
    held_seconds: float = 0.0
    seconds: float = 0.0


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
    workers: int | None = None,
    using: str = "default",
) -> Step:
    """Have the consolidated tables take in the legacy rows, once that is proven to lose nothing.

    The host is imported and verified at one moment of it. The wider tables are built beside the
    live ones and compared there in full; then appends are held, what was recorded meanwhile is
    compared too, both tables are switched, and the certificate and the step are recorded, all in
    one transaction. `snapshot` is where all four tables are saved before, `certificate` where the
    proof is written (default: a new file in `var/consolidation`), `export` where its rows are.

    Raises `IllegalStep`, `ReasonMissing`, `WouldOverwrite`, `CannotWrite`, `NotVerified`,
    `QuarantineNotAccepted`, `ColumnsNotSettled`, `ImportedMeanwhile`, `DatabaseLost`, or what an
    import, a rebuild or a verification raises; everything is then as it was, but for the rows that
    were imported.
    """
    started = time.monotonic()
    enter = on_phase or (lambda phase: None)
    application = RestoreLog(Log(using))
    refuse_lost_events(application.log)
    consolidation = application.consolidation()
    consolidation.refuse_cut_over()
    consolidation.refuse_acceptance(asked.accept_quarantined, asked.reason)
    certificate = file_for(certificate, "cut-over", ".json")
    snapshot = file_for(snapshot, "before-cut-over", ".sqlite3")
    refuse_outputs(application, source, certificate, export, snapshot)
    files = {CERTIFICATE: certificate, SNAPSHOT: snapshot, EXPORT: export}
    with whole(CutOver, files, using=using):
        for _ in range(ATTEMPTS):
            enter("import")
            with suppress(ImportedMeanwhile):
                with import_snapshot(
                    source, actor=asked.actor, zone=zone, progress=progress, using=using
                ) as moment:
                    refuse_unfit_columns(moment.report.unfit)
                    enter("snapshot")
                    with (
                        snapshots.saved_to(
                            snapshot, partial(saved_snapshots, application), using=using
                        ) as saved,
                        built(
                            CONSOLIDATED,
                            scope=Scope.ALL.value,
                            progress=progress,
                            on_phase=enter,
                            workers=workers,
                            using=using,
                        ) as new,
                        StepProof(export) as proof,
                    ):
                        enter("verify")
                        found = verified(moment, new, proof, asked, progress, using)
                        switch = Switch(
                            application, found, proof, asked, certificate, saved, new.places
                        )
                        enter("switch")
                        new.switch(under_lock=switch)
                        held = time.monotonic() - switch.began
                enter("done")
                keep_head_file(application.log)
                catch_up(using=using)
                generations.remember_frozen(CONSOLIDATED, using=using)
                return Step(
                    ConsolidationState.CUT_OVER,
                    switch.position,
                    certificate,
                    switch.certificate_hash,
                    snapshot,
                    held_seconds=held,
                    seconds=time.monotonic() - started,
                )
        raise ImportedMeanwhile


def roll_back(
    asked: StepRequest,
    *,
    on_phase: OnPhase | None = None,
    workers: int | None = None,
    using: str = "default",
) -> Step:
    """Take the legacy rows out of the consolidated tables again, with nothing recorded lost.

    The tables from before the cut-over are caught up with everything since and put back; if they
    are gone, or are not what they were, new ones are built from the log. What the legacy table
    cannot say of what was recorded here is listed. Raises `IllegalStep`, or what a rebuild raises.
    """
    started = time.monotonic()
    enter = on_phase or (lambda phase: None)
    application = RestoreLog(Log(using))
    refuse_lost_events(application.log)
    application.consolidation().refuse_roll_back()
    with whole(RolledBack, {}, using=using):
        record = RollingBack(application, asked)
        try:
            generations.go_back(
                CONSOLIDATED,
                scope=Scope.NATIVE.value,
                under_lock=record,
                on_phase=enter,
                using=using,
            )
        except (CheckpointNotInLog, NothingToReturnTo, RebuildRequired):
            with built(
                CONSOLIDATED,
                scope=Scope.NATIVE.value,
                on_phase=enter,
                workers=workers,
                using=using,
            ) as new:
                enter("switch")
                new.switch(under_lock=record)
        held = time.monotonic() - record.began
        enter("done")
        keep_head_file(application.log)
        catch_up(using=using)
        return Step(
            ConsolidationState.ROLLED_BACK,
            record.position,
            unrepresentable=record.report.unsaid(),
            held_seconds=held,
            seconds=time.monotonic() - started,
        )


def retire(
    source: str,
    asked: StepRequest,
    *,
    certificate: Path | None = None,
    export: Path | None = None,
    zone: str | None = None,
    progress: Progress | None = None,
    using: str = "default",
) -> Step:
    """End the migration: a last import, a last verification, a last certificate.

    From here on the host's legacy tables are not imported any more. The host has to keep them: its
    own consolidated table does not hold their rows.

    Raises `IllegalStep`, `ReasonMissing`, `WouldOverwrite`, `CannotWrite`, `NotVerified`, or what
    a verification raises.
    """
    started = time.monotonic()
    application = RestoreLog(Log(using))
    refuse_lost_events(application.log)
    consolidation = application.consolidation()
    consolidation.refuse_retirement(asked.reason)
    cut = consolidation.cut_over_event
    if asked.accept_quarantined is None and cut is not None:
        asked = StepRequest(asked.actor, asked.reason, cut.accepted_quarantined or None)
    certificate = file_for(certificate, "retired", ".json")
    refuse_outputs(application, source, certificate, export)
    with whole(Retired, {CERTIFICATE: certificate, EXPORT: export}, using=using):
        for _ in range(ATTEMPTS):
            with suppress(ImportedMeanwhile):
                with (
                    import_snapshot(
                        source, actor=asked.actor, zone=zone, progress=progress, using=using
                    ) as moment,
                    StepProof(export) as proof,
                ):
                    found = verified(moment, None, proof, asked, progress, using)
                    last = Retirement(application, found, proof, asked, certificate)
                    with transaction.atomic(using=using):
                        application.log.lock()
                        last()
                keep_head_file(application.log)
                catch_up(using=using)
                return Step(
                    ConsolidationState.RETIRED,
                    last.position,
                    certificate,
                    last.certificate_hash,
                    seconds=time.monotonic() - started,
                )
        raise ImportedMeanwhile


def restore_snapshot(
    path: Path, asked: StepRequest, *, on_phase: OnPhase | None = None, using: str = "default"
) -> Step:
    """Put all four tables back from the file that a cut-over saved, with the events since.

    The file must be one that the log names, byte for byte. Raises `SnapshotUnknown`,
    `RebuildRequired`, or what a switch raises; everything is then as it was.
    """
    started = time.monotonic()
    enter = on_phase or (lambda phase: None)
    application = RestoreLog(Log(using))
    refuse_lost_events(application.log)
    digest = snapshots.digest_of_file(path)
    if digest not in saved_snapshots(application):
        raise SnapshotUnknown(path, "no cut-over in this log saved this file, or it was changed")
    with whole(SnapshotRestored, {}, using=using):
        dialect = table_dialect(connections[using])
        with dialect.only_one_rebuild():
            enter("prepare")
            generations.clear_building(dialect)
            try:
                enter("load")
                feeds = snapshots.put_back(path, using=using)
                feeder = CatchUpRunner(Log(using), feeds)
                feeder.advance()
                enter("finish")
                dialect.finish([feed.place for feed in feeds])
                scope = next(
                    feed.generation.scope for feed in feeds if feed.projection.label in CONSOLIDATED
                )

                def record() -> None:
                    consolidation = application.consolidation()
                    consolidation.restore_snapshot(
                        snapshot=digest, scope=scope, actor=asked.actor, reason=asked.reason
                    )
                    application.record(consolidation)

                enter("switch")
                generations.switch(
                    dialect, feeder, feeds, under_lock=record, before_commit=lambda: enter("commit")
                )
                enter("done")
            finally:
                generations.clear_building(dialect)
        keep_head_file(application.log)
        catch_up(using=using)
        return Step(
            application.consolidation().state,
            Log(using).head().position,
            snapshot=path,
            seconds=time.monotonic() - started,
        )
