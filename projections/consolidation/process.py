"""The steps of the consolidation. Each happens whole, in one transaction, or not at all."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connections, transaction

from domain.consolidation.consolidation import Consolidation
from domain.consolidation.errors import NotVerified
from domain.consolidation.values import LegacyDigest, State
from domain.events import Actor
from infrastructure.application import RestoreLog
from infrastructure.documents import discard, refuse_unwritable
from infrastructure.event_store.log import Log
from infrastructure.signing import signer
from projections.consolidation import snapshot as snapshots
from projections.consolidation.current import last_host_row, mappings
from projections.consolidation.errors import ImportedMeanwhile, SnapshotUnknown
from projections.consolidation.host import Moment, Progress, imported
from projections.consolidation.unrepresentable import Unrepresentable, Unsaid
from projections.engine import generations
from projections.engine.catch_up import catch_up
from projections.engine.dialects import dialect_for
from projections.engine.errors import NothingToReturnTo, RebuildRequired, SwitchBlocked
from projections.engine.feed import Feeder
from projections.engine.models import Scope
from projections.engine.rebuild import Built, built
from projections.verification import certificate as certificates
from projections.verification.export import Export
from projections.verification.proof import Proof
from projections.verification.touched import Place, verify_touched
from projections.verification.verify import Verification, verify

CONSOLIDATED = ("system_backups.RestoreLog", "system_backups.BackupLog")
"""What a cut-over and a roll-back switch, both together."""

ATTEMPTS = 5
"""How often a step begins anew because somebody else imported meanwhile."""

OnPhase = Callable[[str], None]
CUT_OVER_PHASES = (
    "import", "snapshot", "prepare", "load", "finish", "verify", "switch", "commit", "done",
)  # fmt: skip
ROLL_BACK_PHASES = ("prepare", "catch_up", "switch", "commit", "done")
"""What `on_phase` hears. `commit` is the last moment of the switch's transaction. A roll-back that
has to rebuild hears `prepare` again, `load` and `finish` in place of `catch_up`."""


@dataclass(frozen=True)
class Asked:
    """Who wants a step, why, and what they accept."""

    actor: Actor
    reason: str | None = None
    accept_quarantined: int | None = None


@dataclass
class Step:
    """What a step did. `held_seconds` is how long appends were held for it."""

    state: State
    position: int
    certificate: Path | None = None
    certificate_hash: str = ""
    snapshot: Path | None = None
    unrepresentable: list[Unsaid] | None = None
    held_seconds: float = 0.0
    seconds: float = 0.0


def cut_over(
    source: str,
    asked: Asked,
    *,
    certificate: Path,
    snapshot: Path,
    export: Path | None = None,
    zone: str = "UTC",
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
    proof is written, `export` where its rows are.

    Raises `IllegalStep`, `NotVerified`, `QuarantineNotAccepted`, `ImportedMeanwhile`, or what an
    import, a rebuild or a verification raises; everything is then as it was, but for the rows
    that were imported.
    """
    started = time.monotonic()
    enter = on_phase or (lambda phase: None)
    application = RestoreLog(Log(using))
    application.consolidation().refuse_cut_over()
    _refuse_unwritable(certificate, export)
    for _ in range(ATTEMPTS):
        enter("import")
        with imported(
            source, actor=asked.actor, zone=zone, progress=progress, using=using
        ) as moment:
            enter("snapshot")
            saved = snapshots.save(snapshot, using=using)
            with (
                built(
                    CONSOLIDATED,
                    scope=Scope.ALL.value,
                    progress=progress,
                    on_phase=enter,
                    workers=workers,
                    using=using,
                ) as new,
                _Proof(export) as proof,
            ):
                enter("verify")
                found = _verified(moment, new, proof, asked, progress, using)
                switch = _Switch(application, found, proof, asked, certificate, saved, new.places)
                enter("switch")
                try:
                    new.switch(under_lock=switch)
                except ImportedMeanwhile:
                    continue
                except SwitchBlocked:
                    # They were written in the transaction; nothing of what they prove was done.
                    for file in filter(None, (certificate, export)):
                        discard(file)
                    raise
                held = time.monotonic() - switch.began
        enter("done")
        catch_up(using=using)
        generations.remember_frozen(CONSOLIDATED, using=using)
        return Step(
            State.CUT_OVER,
            switch.position,
            certificate,
            switch.certificate_hash,
            snapshot,
            held_seconds=held,
            seconds=time.monotonic() - started,
        )
    raise ImportedMeanwhile


def roll_back(
    asked: Asked,
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
    application.consolidation().refuse_roll_back()
    report = Unrepresentable(using)
    report.read(Log(using).head().position)
    began = position = 0.0

    def record() -> None:
        nonlocal began, position
        began = time.monotonic()
        report.read(Log(using).head().position)
        consolidation = application.consolidation()
        consolidation.roll_back(
            unrepresentable=len(report.unsaid()), actor=asked.actor, reason=asked.reason
        )
        application.record(consolidation)
        position = Log(using).head().position

    try:
        generations.go_back(
            CONSOLIDATED,
            scope=Scope.NATIVE.value,
            under_lock=record,
            on_phase=enter,
            using=using,
        )
    except (NothingToReturnTo, RebuildRequired):
        with built(
            CONSOLIDATED,
            scope=Scope.NATIVE.value,
            on_phase=enter,
            workers=workers,
            using=using,
        ) as new:
            enter("switch")
            new.switch(under_lock=record)
    held = time.monotonic() - began
    enter("done")
    catch_up(using=using)
    return Step(
        State.ROLLED_BACK,
        int(position),
        unrepresentable=report.unsaid(),
        held_seconds=held,
        seconds=time.monotonic() - started,
    )


def retire(
    source: str,
    asked: Asked,
    *,
    certificate: Path,
    export: Path | None = None,
    zone: str = "UTC",
    progress: Progress | None = None,
    using: str = "default",
) -> Step:
    """End the migration: a last import, a last verification, a last certificate.

    From here on the host's legacy tables are not imported any more and may be dropped.
    Raises `IllegalStep`, `ReasonMissing`, `NotVerified`, or what a verification raises.
    """
    started = time.monotonic()
    application = RestoreLog(Log(using))
    consolidation = application.consolidation()
    consolidation.refuse_retirement(asked.reason)
    cut = consolidation.cut_over_event
    if asked.accept_quarantined is None and cut is not None:
        asked = Asked(asked.actor, asked.reason, cut.accepted_quarantined or None)
    _refuse_unwritable(certificate, export)
    for _ in range(ATTEMPTS):
        with (
            imported(
                source, actor=asked.actor, zone=zone, progress=progress, using=using
            ) as moment,
            _Proof(export) as proof,
        ):
            found = _verified(moment, None, proof, asked, progress, using)
            last = _Retirement(application, found, proof, asked, certificate)
            try:
                with transaction.atomic(using=using):
                    application.log.hold()
                    last()
            except ImportedMeanwhile:
                continue
        catch_up(using=using)
        return Step(
            State.RETIRED,
            last.position,
            certificate,
            last.certificate_hash,
            seconds=time.monotonic() - started,
        )
    raise ImportedMeanwhile


def restore_snapshot(
    path: Path, asked: Asked, *, on_phase: OnPhase | None = None, using: str = "default"
) -> Step:
    """Put all four tables back from the file that a cut-over saved, with the events since.

    The file must be one that the log names, byte for byte. Raises `SnapshotUnknown`,
    `RebuildRequired`, or what a switch raises; everything is then as it was.
    """
    started = time.monotonic()
    enter = on_phase or (lambda phase: None)
    application = RestoreLog(Log(using))
    digest = snapshots.digest_of_file(path)
    if digest not in {event.snapshot for event in application.cut_overs()}:
        raise SnapshotUnknown(path, "no cut-over in this log saved this file, or it was changed")
    dialect = dialect_for(connections[using])
    with dialect.only_one_rebuild():
        enter("prepare")
        generations.clear_building(dialect)
        try:
            enter("load")
            feeds = snapshots.put_back(path, using=using)
            feeder = Feeder(Log(using), feeds)
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
    catch_up(using=using)
    return Step(
        application.consolidation().state,
        Log(using).head().position,
        snapshot=path,
        seconds=time.monotonic() - started,
    )


def _refuse_unwritable(certificate: Path, export: Path | None) -> None:
    """Before the work, not after it: without a key and a place for the proof there is none."""
    signer()
    refuse_unwritable(certificate)
    if export is not None:
        refuse_unwritable(export)


class _Proof(Proof):
    """A proof whose export, if there is one, is gone again unless it was finished."""

    def __init__(self, export: Path | None) -> None:
        super().__init__(Export(export) if export else None)

    def __enter__(self) -> "_Proof":
        return self

    def __exit__(self, *exc: object) -> None:
        if self.export is not None:
            self.export.__exit__(*exc)


def _verified(
    moment: Moment,
    new: Built | None,
    proof: Proof,
    asked: Asked,
    progress: Progress | None,
    using: str,
) -> Verification:
    """All four tables against that moment of the host; raises unless nothing differs."""
    building = {}
    if new is not None:
        building = {label: place.table.replace('"', "") for label, place in new.places.items()}
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
        raise NotVerified("cut over" if new else "retired", _why(found))
    if new is not None:
        _refuse_wrong_live(moment, found, using)
    Consolidation.refuse_quarantine(found.quarantined, asked.accept_quarantined, asked.reason)
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
        if state.error or not state.fits:
            return state.problem
    wrong = [d for d in found.differences.kept if d.cause != "quarantined"]
    if not wrong:
        return "the log no longer says of the legacy tables what was certified"
    first = wrong[0]
    more = found.differences.total - found.differences.by_cause["quarantined"]
    where = f"{first.table} {first.pk} {first.column}".rstrip()
    return (
        f"{more:,} differences were found, the first in {where}: expected {first.expected!r}, "
        f"found {first.found!r} ({first.cause})"
    )


class _Certified:
    """What is done while appends are held: the certificate, and what it allows."""

    def __init__(
        self,
        application: RestoreLog,
        found: Verification,
        proof: Proof,
        asked: Asked,
        certificate: Path,
    ) -> None:
        self.application = application
        self.found = found
        self.proof = proof
        self.asked = asked
        self.certificate = certificate
        self.certificate_hash = ""
        self.position = 0
        self.began = 0.0

    def issue(self, purpose: Any, touched: certificates.Touched | None) -> Consolidation:
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

    def record(self, consolidation: Consolidation) -> None:
        self.application.record(consolidation)
        self.position = self.application.log.head().position


class _Switch(_Certified):
    """The last step of a cut-over, in the transaction of the switch."""

    def __init__(
        self,
        application: RestoreLog,
        found: Verification,
        proof: Proof,
        asked: Asked,
        certificate: Path,
        saved: str,
        places: dict[str, Any],
    ) -> None:
        super().__init__(application, found, proof, asked, certificate)
        self.saved = saved
        self.places = places

    def __call__(self) -> None:
        self.began = time.monotonic()
        # Somebody else may have been faster, and the certificate would take the place of theirs.
        self.application.consolidation().refuse_cut_over()
        last = self.refuse_imports_since()
        touched = self._verify_touched()
        consolidation = self.issue("cut_over", touched)
        consolidation.cut_over(
            mappings=mappings(),
            last_host_row=last,
            snapshot=self.saved,
            quarantined=self.found.quarantined,
            accepted_quarantined=self.asked.accept_quarantined,
            actor=self.asked.actor,
            reason=self.asked.reason,
        )
        self.record(consolidation)

    def _verify_touched(self) -> certificates.Touched:
        log = self.application.log
        since = min(self.found.projections[label].position for label in CONSOLIDATED)
        places = {
            label: Place(place.table.replace('"', ""), Scope.ALL.value)
            for label, place in self.places.items()
        }
        touched = verify_touched(
            log.connection.vendor,
            log.connection.connection,
            places,
            since=since,
            id_offset=self.application.consolidation().id_offset,
        )
        if touched.differences:
            first = touched.differences[0]
            raise NotVerified(
                "cut over",
                f"{first.table} {first.pk} {first.column} does not show what was recorded while "
                f"this was at work: expected {first.expected!r}, found {first.found!r}",
            )
        return certificates.Touched(touched.rows, log.head().position)


class _Retirement(_Certified):
    """The last step of all."""

    def __call__(self) -> None:
        self.began = time.monotonic()
        self.application.consolidation().refuse_retirement(self.asked.reason)
        last = self.refuse_imports_since()
        consolidation = self.issue("retire", None)
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
