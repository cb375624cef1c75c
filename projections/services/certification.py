"""Certified verification: its result is signed, written to a file and recorded in the log."""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from domain.events import Actor
from infrastructure.documents.keys import signer
from infrastructure.event_store.log import Log
from infrastructure.output_files import refuse_overwriting
from infrastructure.recording import consolidation
from projections.services.appending import Behind, append_and_catch_up
from projections.services.lost_events import refuse_lost_events
from projections.verification.certificate import export as exports
from projections.verification.certificate import export_events as event_exports
from projections.verification.certificate import issue as certificates
from projections.verification.certificate.evidence import Evidence
from projections.verification.certificate.export import Export
from projections.verification.certificate.issue import Issued
from projections.verification.verify import LIMIT, Verification, verify


@dataclass(frozen=True)
class CertifiedVerification:
    """The result, its certificate, and the tables that are behind the log."""

    found: Verification
    issued: Issued
    behind: Behind


def certify(
    source_url: str,
    *,
    actor: Actor,
    certificate: Path,
    export: Path | None = None,
    export_events: Path | None = None,
    zone: str | None = None,
    limit: int | None = LIMIT,
    progress: Callable[[int, int | None], None] | None = None,
) -> CertifiedVerification:
    """Verify, write a certificate of the result, equal or not, and record that it was issued.

    Every row that it counts is written to `export`. The whole log, with the certificate in it, is
    written to `export_events`. Raises `NoSigningKey`, `LogLostEvents`, `WouldOverwrite` and
    `CannotWrite` before the comparison begins, or what a verification raises.
    """
    key = signer()  # Before the work, not after it.
    log = Log()
    refuse_lost_events(log)
    outputs = [certificates.certificate_output(certificate, consolidation.certificates(log))]
    if export:
        outputs.append(exports.rows_output(export))
    if export_events:
        outputs.append(event_exports.events_output(export_events))
    refuse_overwriting(outputs, source=source_url)
    with Export(export) if export else nullcontext() as rows:
        proof = Evidence(rows)
        found = verify(source_url, zone=zone, limit=limit, progress=progress, proof=proof)
        issued = certificates.issue(
            found, proof, purpose="verify", actor=actor, path=certificate, key=key
        )
    record = partial(consolidation.certify, log, actor=actor, **issued.facts())
    recorded = append_and_catch_up(record, patience=None)
    if export_events:
        event_exports.export_events(export_events)
    return CertifiedVerification(found, issued, recorded.behind)
