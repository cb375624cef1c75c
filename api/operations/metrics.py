"""`/metrics`: Prometheus text, for anyone with a login or a token."""

import os
from collections.abc import Iterator
from typing import Any

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.multiprocess import MultiProcessCollector
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.views import APIView

from api.operations.requests import REGISTRY
from api.v1.projections.views import STATES
from infrastructure.event_store.log import Log
from projections.engine.state import projections_state


class LogAndProjections:
    """Metrics that are read from the database at each request, so all processes agree."""

    def collect(self) -> Iterator[Metric]:
        yield GaugeMetricFamily(
            "restorelog_log_position", "The last position of the log.", Log().head().position
        )
        states = projections_state()
        for key, text in (
            ("position", "Position of the last event applied."),
            ("lag_events", "Events not yet applied."),
            ("lag_seconds", "How long the oldest event not yet applied has waited."),
            ("rows", "Rows in the table."),
            ("quarantined", "Rows that the table cannot hold."),
        ):
            gauge = GaugeMetricFamily(f"restorelog_projection_{key}", text, labels=["projection"])
            for state in states:
                gauge.add_metric([state["label"]], state[key])
            yield gauge
        yield _states(states)


def _states(states: list[dict[str, Any]]) -> Metric:
    gauge = GaugeMetricFamily(
        "restorelog_projection_state",
        "1 for the state that a projection is in.",
        labels=["projection", "state"],
    )
    for state in states:
        for name in STATES:
            gauge.add_metric([state["label"], name], float(state["state"] == name))
    return gauge


class AnyAccept(BaseContentNegotiation):
    """Accepts Prometheus's own formats in the request; sends plain text, and errors as problems."""

    def select_renderer(
        self, request: Request, renderers: list[Any], format_suffix: str | None = None
    ) -> tuple[Any, str]:
        return renderers[0], renderers[0].media_type


@extend_schema(exclude=True)
class Metrics(APIView):
    """The metrics. A scraper logs in with `Authorization: Token …`; no role is needed."""

    permission_classes = (IsAuthenticated,)
    content_negotiation_class = AnyAccept

    def get(self, request: Request) -> HttpResponse:
        registry = CollectorRegistry()
        registry.register(LogAndProjections())  # type: ignore[arg-type]
        if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
            # With several worker processes, their counters are combined through files.
            requests = CollectorRegistry()
            MultiProcessCollector(requests)
        else:
            requests = REGISTRY
        return HttpResponse(
            generate_latest(registry) + generate_latest(requests),
            content_type=CONTENT_TYPE_PLAIN_0_0_4,
        )
