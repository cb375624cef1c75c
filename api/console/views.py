"""The first page: the latest restores, the consolidation, the projections, and links."""

from datetime import timedelta

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import now
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from api import roles
from api.console.consolidation import in_words
from api.remedies import on_page
from domain.messages import worded
from infrastructure.event_store.log import Log
from projections.engine.state import projections_state
from projections.system_backups.models import RestoreLog

SHOWN = 10
CLOCKS_DIFFER = timedelta(days=1)
"""A clock or a zone may be wrong by this much. Later times would stay at the top of the list."""


@never_cache
@require_safe
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """The content depends on the visitor's roles."""
    context: dict[str, object] = {"may_audit": request.user.has_perm(f"api.{roles.AUDIT}")}
    if request.user.has_perm(f"api.{roles.READ}"):
        tomorrow = now() + CLOCKS_DIFFER
        latest = RestoreLog.objects.defer("message", "extra").order_by("-created_at", "-id")
        context |= {
            "may_read": True,
            "restores": latest.filter(created_at__lt=tomorrow)[:SHOWN],
            "ahead": RestoreLog.objects.filter(created_at__gte=tomorrow).count(),
            "tomorrow": tomorrow,
            "projections": [
                {**state, "told": state["state"].replace("_", " ")}
                for state in worded(projections_state(), on_page)
            ],
            "position": Log().head().position,
            "consolidation": in_words(),
        }
    return render(request, "api/home.html", context)
