"""The pages of what the consolidation left: a certificate, and what a roll-back would not show."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from api.console.access import for_readers
from api.console.integrity import may_verify
from api.console.timeline import recorded_by
from api.remedies import at_terminal
from domain.consolidation.consolidation import CONSOLIDATION_ID
from domain.consolidation.events import Verified
from domain.messages import remedy
from infrastructure.event_store.log import Log
from infrastructure.printable import printable
from projections.consolidation.certificate_files import certificate_file
from projections.consolidation.contradictions import contradicted
from projections.consolidation.legacy_gaps import LegacyGaps

PURPOSES = {
    "verify": "a verification by itself",
    "cut_over": "the cut-over",
    "retire": "the end of the migration",
}
WHO_MAY = "To download a certificate you need the role auditor or migrator."
MOST_EVENTS = 5_000
"""Events that the report reads for a page."""
MOST_GAPS = 100
"""Lines of the report on a page."""


@never_cache
@require_safe
@login_required
def certificate_page(request: HttpRequest, sha256: str) -> HttpResponse:
    """What the log says of a certificate, and its file if the service has it."""
    for_readers(request)
    events = Log().stream(CONSOLIDATION_ID)
    verified = _verified(events, sha256)
    path = certificate_file(sha256)
    tables = [
        (where, printable(label), table.rows, table.digest)
        for where, compared in (("here", verified.tables), ("in the host", verified.host_tables))
        for label, table in compared.items()
    ]
    context = {
        "verified": verified,
        "who": recorded_by(verified),
        "reason": printable(verified.metadata.reason or ""),
        "purpose": PURPOSES[verified.purpose],
        "tables": tables,
        "contradicted": [
            str(by) for one in contradicted(events) if one.certificate == sha256 for by in one.by
        ],
        "file": path,
        "may_download": may_verify(request),
        "who_may": WHO_MAY,
    }
    return render(request, "api/certificate.html", context)


@never_cache
@require_safe
@login_required
def certificate_download(request: HttpRequest, sha256: str) -> HttpResponse:
    """The signed file."""
    for_readers(request)
    if not may_verify(request):
        raise PermissionDenied(WHO_MAY)
    _verified(Log().stream(CONSOLIDATION_ID), sha256)
    path = certificate_file(sha256)
    if path is None:
        raise Http404
    response = HttpResponse(path.read_bytes(), content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="{path.name}"'
    return response


@never_cache
@require_safe
@login_required
def legacy_gaps_page(request: HttpRequest) -> HttpResponse:
    """What was recorded here and the legacy table cannot represent: the first of it."""
    for_readers(request)
    log = Log()
    report = LegacyGaps.of_first(MOST_EVENTS)
    gaps = report.gaps()
    head = log.head().position
    context = {
        "gaps": [gap._replace(value=_value(gap.value)) for gap in gaps[:MOST_GAPS]],
        "count": len(gaps),
        "position": report.position,
        "whole": report.position >= head,
        "head": head,
        "command": at_terminal(remedy("consolidation", unrepresentable=True)),
    }
    return render(request, "api/legacy_gaps.html", context)


def _verified(events: list, sha256: str) -> Verified:
    """The event that names this certificate. Raises `Http404`."""
    for event in events:
        if isinstance(event, Verified) and event.certificate == sha256:
            return event
    raise Http404


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return printable(str(value))[:300]
