"""The first page: the latest restores, the consolidation, the projections, where to go on."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from api import roles
from api.console.consolidation import in_words
from infrastructure.event_store.log import Log
from projections.engine.state import projections_state
from projections.system_backups.models import RestoreLog

SHOWN = 10


@never_cache
@require_safe
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """What there is to see depends on the visitor's roles."""
    context: dict[str, object] = {"may_audit": request.user.has_perm(f"api.{roles.AUDIT}")}
    if request.user.has_perm(f"api.{roles.READ}"):
        latest = RestoreLog.objects.defer("message", "extra").order_by("-created_at", "-id")
        context |= {
            "may_read": True,
            "restores": latest[:SHOWN],
            "projections": [
                {**state, "told": state["state"].replace("_", " ")} for state in projections_state()
            ],
            "position": Log().head().position,
            "consolidation": in_words(),
        }
    return render(request, "api/home.html", context)
