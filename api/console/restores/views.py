"""The views of restores."""

from datetime import timedelta
from time import monotonic
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import now
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from api import roles
from api.console.access import for_readers, may_audit
from api.console.filtering import (
    chips,
    form_shown,
    parameters_of,
    position_in,
    query,
    shortcuts,
)
from api.console.paging import CannotList, seconds_between_looks
from api.console.restores.actions import possible_actions
from api.console.restores.filtering import (
    KNOWN,
    LABELS,
    SHORTCUTS,
    FilterForm,
    restore_filter_said,
)
from api.console.restores.listing import heartbeats, page_of_restores
from api.console.restores.reading import read_restore
from api.remedies import on_page
from domain.restores.errors import RestoreNotFound
from projections.history.errors import NotRecordedYet, UnknownMoment
from projections.statistics.contribution import RUNNING

AFTERWARDS = timedelta(minutes=10)
"""A restore is looked at for so long after its end: its check may follow."""


@never_cache
@require_safe
@login_required
def restores_page(request: HttpRequest) -> HttpResponse:
    """The list, filtered by the query, which is REST's."""
    for_readers(request)
    given = parameters_of(request)
    context: dict[str, Any] = {
        "form": form_shown(FilterForm, given, KNOWN),
        "chips": chips(given, LABELS, restore_filter_said),
        "shortcuts": shortcuts(given, SHORTCUTS),
        "may_export": may_audit(request),
        "export": query(given, format="csv", present=None),
    }
    status, began = 200, monotonic()
    try:
        page = page_of_restores(given)
    except CannotList as error:
        context["refusal"], status = error.why, error.status
    else:
        # A heartbeat says nothing of an earlier moment.
        beats = dict(heartbeats(page.rows)) if page.position is None else {}
        context |= {
            "page": page,
            "rows": [(row, beats.get(row.restore_id)) for row in page.rows],
            "with_absent": query(given, present="any"),
            "newer": page.newer and query(given, cursor=page.newer),
            "older": page.older and query(given, cursor=page.older),
            "kept_live": "cursor" not in given and page.position is None,
            "every": seconds_between_looks(began),
        }
    return render(request, "api/restores/list.html", context, status=status)


@never_cache
@require_safe
@login_required
def restore_page(request: HttpRequest, id: str) -> HttpResponse:
    """One restore, now or `as_of` a position or a time."""
    for_readers(request)
    as_of = request.GET.get("as_of", "").strip() or None
    upto = position_in(request, "before")
    refusal, status = "", 200
    try:
        shown = read_restore(id, as_of, upto)
    except RestoreNotFound as error:
        raise Http404 from error
    except (UnknownMoment, NotRecordedYet) as error:
        refusal, status = error.message.said(on_page), 400
        shown = read_restore(id, None, upto)
    may_record = request.user.has_perm(f"api.{roles.RECORD}") and as_of is None
    as_it_is = not as_of and upto is None
    context = {
        "one": shown,
        "asked": as_of or "",
        "refusal": refusal,
        "actions": possible_actions(shown.aggregate) if may_record else [],
        "kept_live": as_it_is and may_go_on(shown.row),
    }
    return render(request, "api/restores/one.html", context, status=status)


def may_go_on(row: Any) -> bool:
    """Whether more is to be expected of this restore soon."""
    if row is None or row.status in RUNNING:
        return row is not None
    return row.completed_at is not None and now() - row.completed_at < AFTERWARDS
