"""The view of the first page."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import now
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from api import roles
from api.console.overview.last_days import backups_lately, last_days
from api.console.overview.restores_now import restores_now
from api.console.overview.state import standing, tables_now
from infrastructure.event_store.log import Log

LIVE = "now"
"""The id of the page's live part, which is asked for alone."""


@never_cache
@require_safe
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """What runs and what failed first; without a role, how to get one."""
    if not request.user.has_perm(f"api.{roles.READ}"):
        return render(request, "api/overview/page.html")
    present, head = now(), Log().head()
    tables = tables_now(head)
    context: dict[str, Any] = {
        "may_read": True,
        "now": restores_now(present),
        "problems": tables.problems,
    }
    if request.headers.get("HX-Target") == LIVE:
        return render(request, "api/overview/now.html", context)
    context |= {
        "has_sums": tables.has_sums,
        "days": last_days(tables.scope, present),
        "backups": backups_lately(present),
        "tables": tables.states,
        "standing": standing(head),
    }
    return render(request, "api/overview/page.html", context)
