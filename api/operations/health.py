"""`/healthz`: the process answers. `/readyz`: its data are fresh enough."""

from typing import Any

from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from api.problems import respond
from api.remedies import over_rest
from domain.errors import RestoreLogError
from infrastructure.databases.own_database import refuse_unmigrated
from infrastructure.event_store.findings import clock_findings, remembered_findings
from infrastructure.event_store.log import Log
from projections.engine.state import projections_state


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """200 as long as the process can answer; does not use the database."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """200, or 503 with the problem. It is for load balancers, so it has no confidential data."""
    try:
        refuse_unmigrated(connection)
        log = Log()
        findings = [*remembered_findings(log), *clock_findings(log)]
        projections = projections_state()
    except RestoreLogError as error:
        return respond(request, 503, error.code, error.message.said(over_rest))
    except DatabaseError:
        return respond(request, 503, "database_unavailable", "The database does not answer.")
    if findings:
        told = [found.problem.said(over_rest) for found in findings]
        return respond(request, 503, findings[0].code, " ".join(told), reasons=told)
    reasons = [reason for state in projections if (reason := why_not_ready(state))]
    if reasons:
        return respond(request, 503, "projections_not_ready", " ".join(reasons), reasons=reasons)
    return JsonResponse({"status": "ready"})


def why_not_ready(state: dict[str, Any]) -> str | None:
    """Why a projection cannot be relied on; None if it can."""
    label = state["label"]
    if state["state"] != "live":
        return f"{label} is {state['state'].replace('_', ' ')} at position {state['position']}."
    if state["lag_events"] > settings.READY_MAX_LAG_EVENTS:
        return (
            f"{label} is {state['lag_events']} events behind the log, more than "
            f"{settings.READY_MAX_LAG_EVENTS}."
        )
    if state["lag_seconds"] > settings.READY_MAX_LAG_SECONDS:
        return (
            f"{label} is {state['lag_seconds']:.0f} s behind the log, more than "
            f"{settings.READY_MAX_LAG_SECONDS:g} s."
        )
    return None
