"""The views of restores."""

from datetime import timedelta
from math import ceil
from time import monotonic
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import now
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from api import roles
from api.console.restores.actions import possible_actions
from api.console.restores.filtering import FilterForm, chips, kept_hidden, query, shortcuts
from api.console.restores.listing import CannotList, heartbeats, page_of_restores
from api.console.restores.raw import raw_event
from api.console.restores.reading import read_restore
from api.permissions import ReadsRestores
from api.remedies import on_page
from domain.restores.errors import RestoreNotFound
from projections.history.errors import NotRecordedYet, UnknownMoment
from projections.statistics.contribution import RUNNING

EVERY = 5
"""Seconds between two looks of a list that is left open."""
SHARE = 20
"""How much longer than its reading takes it is left alone: a slow search is asked for less often."""

AFTERWARDS = timedelta(minutes=10)
"""A restore is looked at for so long after its end: its check may follow."""


def for_readers(request: HttpRequest) -> None:
    """403 for an account that may not read restores."""
    if not request.user.has_perm(f"api.{roles.READ}"):
        raise PermissionDenied(ReadsRestores.message)


@never_cache
@require_safe
@login_required
def restores_page(request: HttpRequest) -> HttpResponse:
    """The list, filtered by the query, which is REST's. A field that is left empty is no filter."""
    for_readers(request)
    given = {name: value for name, value in request.GET.dict().items() if value != ""}
    context: dict[str, Any] = {
        "form": FilterForm(given),
        "chips": chips(given),
        "shortcuts": shortcuts(given),
        "hidden": kept_hidden(given),
        "may_export": request.user.has_perm(f"api.{roles.AUDIT}"),
        "export": query(given, format="csv", present=None),
    }
    status, began = 200, monotonic()
    try:
        page = page_of_restores(given)
    except CannotList as error:
        context["refusal"], status = error.why, error.status
    else:
        beats = dict(heartbeats(page.rows))
        context |= {
            "page": page,
            "rows": [(row, beats.get(row.restore_id)) for row in page.rows],
            "with_absent": query(given, present="any"),
            "newer": page.newer and query(given, cursor=page.newer),
            "older": page.older and query(given, cursor=page.older),
            "kept_live": "cursor" not in given and page.position is None,
            "every": max(EVERY, ceil(SHARE * (monotonic() - began))),
        }
    return render(request, "api/restores/list.html", context, status=status)


@never_cache
@require_safe
@login_required
def restore_page(request: HttpRequest, id: str) -> HttpResponse:
    """One restore, now or `as_of` a position or a time."""
    for_readers(request)
    as_of = request.GET.get("as_of", "").strip() or None
    before = request.GET.get("before", "")
    upto = int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None
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


@never_cache
@require_safe
@login_required
def event_page(request: HttpRequest, id: UUID, position: int) -> HttpResponse:
    """One event of a restore, as it is stored."""
    for_readers(request)
    found = raw_event(id, position)
    if found is None:
        raise Http404
    return render(request, "api/restores/event.html", {"event": found})


def may_go_on(row: Any) -> bool:
    """Whether more is to be expected of this restore soon."""
    if row is None or row.status in RUNNING:
        return row is not None
    return row.completed_at is not None and now() - row.completed_at < AFTERWARDS
