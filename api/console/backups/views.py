"""The views of backups."""

from time import monotonic
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from api.console.access import for_readers, may_audit
from api.console.backups.filtering import (
    KNOWN,
    LABELS,
    SHORTCUTS,
    BackupFilterForm,
    backup_filter_said,
)
from api.console.backups.listing import page_of_backups
from api.console.backups.reading import read_backup
from api.console.filtering import (
    chips,
    form_shown,
    parameters_of,
    position_in,
    query,
    shortcuts,
)
from api.console.paging import CannotList, seconds_between_looks
from domain.backups.errors import BackupNotFound


@never_cache
@require_safe
@login_required
def backups_page(request: HttpRequest) -> HttpResponse:
    """The list, filtered by the query, which is REST's."""
    for_readers(request)
    given = parameters_of(request)
    context: dict[str, Any] = {
        "form": form_shown(BackupFilterForm, given, KNOWN),
        "chips": chips(given, LABELS, backup_filter_said),
        "shortcuts": shortcuts(given, SHORTCUTS),
        "may_export": may_audit(request),
        "export": query(given, format="csv"),
    }
    status, began = 200, monotonic()
    try:
        page = page_of_backups(given)
    except CannotList as error:
        context["refusal"], status = error.why, error.status
    else:
        context |= {
            "page": page,
            "newer": page.newer and query(given, cursor=page.newer),
            "older": page.older and query(given, cursor=page.older),
            "kept_live": "cursor" not in given,
            "every": seconds_between_looks(began),
        }
    return render(request, "api/backups/list.html", context, status=status)


@never_cache
@require_safe
@login_required
def backup_page(request: HttpRequest, id: str) -> HttpResponse:
    """One backup."""
    for_readers(request)
    try:
        shown = read_backup(id, position_in(request, "before"))
    except BackupNotFound as error:
        raise Http404 from error
    context = {"one": shown, "may_audit": may_audit(request)}
    return render(request, "api/backups/one.html", context)
