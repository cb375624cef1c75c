"""Counts and times requests, by route."""

import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from api.operations.requests import LATENCY, REQUESTS

METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})


class MeasureRequests:
    """Labels are the route's pattern, never the path, so that their number is bounded."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        response = self.get_response(request)
        match = request.resolver_match
        route = f"/{match.route}" if match is not None else "unmatched"
        method = request.method if request.method in METHODS else "other"
        REQUESTS.labels(method, route, response.status_code).inc()
        LATENCY.labels(method, route).observe(time.perf_counter() - began)
        return response
