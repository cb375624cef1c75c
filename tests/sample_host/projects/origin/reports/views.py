"""The report as a page, for staff."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, JsonResponse

from . import counts


@login_required
def restores_by_status(request: HttpRequest) -> JsonResponse:
    """Restores by status in both tables, as JSON."""
    return JsonResponse(counts.restores_by_status())
