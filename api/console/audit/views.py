"""The views of the audit log, and of one event."""

from time import monotonic
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from api.console.access import for_auditors, for_readers, may_audit
from api.console.audit.filtering import (
    CHOOSES_KIND,
    GROUPS,
    KNOWN,
    LABELS,
    NOT_PROVED,
    TIMES,
    EventFilterForm,
    event_filter_said,
)
from api.console.audit.listing import page_of_events
from api.console.audit.reading import OneEvent, read_event, read_event_of
from api.console.audit.telling import told_events
from api.console.filtering import chips, form_shown, parameters_of, query, shortcuts
from api.console.paging import CannotList, seconds_between_looks

CELL = 80
"""Characters of a value in the list. The event's own page has more."""


@never_cache
@require_safe
@login_required
def audit_page(request: HttpRequest) -> HttpResponse:
    """The events, filtered by the query. To look at them is not recorded; an export is."""
    for_auditors(request)
    given = parameters_of(request)
    context: dict[str, Any] = {
        "form": form_shown(EventFilterForm, given, KNOWN),
        "chips": chips(given, LABELS, event_filter_said),
        "shortcuts": [
            *shortcuts(given, GROUPS, CHOOSES_KIND),
            *shortcuts(given, TIMES),
        ],
        "csv": query(given, format="csv"),
        "ndjson": query(given, format="ndjson"),
        "proof": "" if given.keys() & NOT_PROVED else query(given, ordering=None),
    }
    status, began = 200, monotonic()
    try:
        page = page_of_events(given)
        events = told_events(page.rows, CELL)
    except CannotList as error:
        context["refusal"], status = error.why, error.status
    else:
        context |= {
            "events": events,
            "newer": page.newer and query(given, cursor=page.newer),
            "older": page.older and query(given, cursor=page.older),
            "kept_live": "cursor" not in given and "ordering" not in given,
            "every": seconds_between_looks(began),
        }
    return render(request, "api/audit/list.html", context, status=status)


@never_cache
@require_safe
@login_required
def audit_event_page(request: HttpRequest, position: int) -> HttpResponse:
    """One event of any stream."""
    for_auditors(request)
    return _event_page(request, read_event(position))


@never_cache
@require_safe
@login_required
def event_page(request: HttpRequest, id: UUID, position: int, kind: str) -> HttpResponse:
    """One event of a restore or a backup, for whoever may read these."""
    for_readers(request)
    if may_audit(request):
        shown = read_event(position)
        if shown is not None and (shown.told.stream_id, shown.told.route) != (id, kind):
            shown = None
    else:
        shown = read_event_of(kind, id, position)
    return _event_page(request, shown)


def _event_page(request: HttpRequest, shown: OneEvent | None) -> HttpResponse:
    if shown is None:
        raise Http404
    context = {"one": shown, "may_audit": may_audit(request)}
    return render(request, "api/audit/event.html", context)
