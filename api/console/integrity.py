"""The page of the log's integrity: checked up to where, by whom; anchors; what was accepted."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from api import maintenance, roles
from api.console.access import for_readers
from api.console.refusals import status_of
from api.console.runs import runs_shown
from api.console.timeline import recorded_by
from api.remedies import on_page
from domain.administration.acceptances import ACCEPTANCES_ID
from domain.errors import RestoreLogError
from infrastructure.documents.keys import signer
from infrastructure.event_store.anchor import anchor
from infrastructure.event_store.log import Log
from infrastructure.maintenance.anchors import newest_anchors, note_issued
from infrastructure.maintenance.models import RunKind
from infrastructure.printable import printable
from projections.history.event_words import event_in_words
from projections.services.lost_events import missing_checkpoints

ANCHORS = 10
"""Anchors on the page: the latest."""
ACCEPTANCES = 20
"""Acceptances on the page: the latest."""
LONGEST = 2_000
"""Bytes of an acceptance's text that are read."""
WHO_MAY = "To check the log here, or to issue an anchor, you need the role auditor or migrator."


class Acceptance(NamedTuple):
    """Something that was accepted of the log, in words."""

    position: int
    recorded_at: Any
    who: str
    words: str
    reason: str


def may_verify(request: HttpRequest) -> bool:
    """Whoever audits the log, or changes its tables."""
    user = request.user
    return bool(user.has_perm(f"api.{roles.AUDIT}") or user.has_perm(f"api.{roles.MIGRATE}"))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def integrity_page(request: HttpRequest) -> HttpResponse:
    """The last check, its progress if one is at work, and a button that starts one."""
    for_readers(request)
    if request.method != "POST":
        return _page(request)
    refuse_unless_verifier(request)
    try:
        maintenance.begin_run(RunKind.VERIFY, actor=request.user.get_username())
    except RestoreLogError as error:
        return _page(request, error)
    messages.success(request, "The check of the whole log has been started.")
    return redirect("integrity")


@never_cache
@require_POST
@login_required
def issue_anchor(request: HttpRequest) -> HttpResponse:
    """A new anchor as a file to keep elsewhere."""
    for_readers(request)
    refuse_unless_verifier(request)
    log = Log()
    try:
        key = signer()
        issued = anchor(request.user.get_username(), log, missing_checkpoints(log))
    except RestoreLogError as error:
        return _page(request, error)
    note_issued(issued)
    response = HttpResponse(issued.file(key), content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="anchor-{issued.position}.json"'
    return response


def refuse_unless_verifier(request: HttpRequest) -> None:
    """403 for an account that may neither audit the log nor change its tables."""
    if not may_verify(request):
        raise PermissionDenied(WHO_MAY)


def _page(request: HttpRequest, error: RestoreLogError | None = None) -> HttpResponse:
    runs = runs_shown(RunKind.VERIFY)
    head = Log().head()
    last = runs.last_result()
    context = {
        "runs": runs,
        "last": last,
        "head": head,
        "since": max(head.position - last.result["position"], 0) if last else None,
        "anchors": newest_anchors(ANCHORS),
        "acceptances": _acceptances(),
        "may_verify": may_verify(request),
        "who_may": WHO_MAY,
        "refusal": "" if error is None else error.message.said(on_page),
    }
    status = 200 if error is None else status_of(error)
    return render(request, "api/integrity.html", context, status=status)


def _acceptances() -> Sequence[Acceptance]:
    events = list(Log().brief_stream(ACCEPTANCES_ID, LONGEST))[-ACCEPTANCES:]
    return [
        Acceptance(
            event.position,
            event.recorded_at,
            recorded_by(event),
            printable(event_in_words(event)),
            printable(event.metadata.reason or ""),
        )
        for event in reversed(events)
    ]
