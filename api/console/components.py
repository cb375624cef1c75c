"""The page that shows each part that pages are put together from, for whoever adds one."""

from datetime import UTC, datetime

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

STATES = ("completed", "partial", "failed", "in_progress", "pending", "cancelled")
COLOURS = (
    ("good", "ended well, or as it should be"),
    ("bad", "failed, stopped, or lost"),
    ("busy", "goes on, or is not whole"),
    ("calm", "has no meaning of its own"),
)


@require_safe
@login_required
def components(request: HttpRequest) -> HttpResponse:
    """Each component with ordinary and with odd content, and how a template asks for it."""
    context = {
        "states": STATES,
        "colours": COLOURS,
        "moment": datetime(2026, 1, 31, 22, 30, 5, tzinfo=UTC),
        "long": "nightly_" * 31 + "orders",
        "from_right": "استعادة قاعدة البيانات",
    }
    return render(request, "api/components.html", context)
